"""What a judge's opinions say of generated sequences: accuracy, inception score and the two entropies it is made of.

A judge gives each sequence x a distribution p(y|x) over the K classes of a label y; p(y) is its mean over sequences.
They are recognisable where H(y|x) is near 0, and varied where H(y) is near log K; the inception score
exp(E KL[p(y|x) || p(y)]) = exp(H(y) - H(y|x)) (Salimans et al., NeurIPS 2016) counts both and is at most K.
All entropies are in nats. Means are over all sequences, of whatever classes: where a set has more of one class than of
another, H(y) cannot reach log K.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

SCORES = ("accuracy", "inception_score", "entropy_given_x", "entropy")


def label_scores(log_probabilities: Tensor, labels: Tensor) -> dict[str, float]:
    """All scores of one label.

    Args:
        log_probabilities: log p(y|x) (N, K) of each sequence.
        labels: The class (N,) that each is held against.

    Returns:
        By the names of `SCORES`; the accuracy in percent.
    """
    given_x, marginal = entropy_given_x(log_probabilities), entropy(log_probabilities)
    return {
        "accuracy": accuracy(log_probabilities, labels),
        "inception_score": float(torch.tensor(marginal - given_x, dtype=torch.float64).exp()),
        "entropy_given_x": given_x,
        "entropy": marginal,
    }


def accuracy(log_probabilities: Tensor, labels: Tensor) -> float:
    """Share, in percent, of sequences whose likeliest class by `log_probabilities` (N, K) is that of `labels` (N,)."""
    return 100 * float((log_probabilities.argmax(1) == labels).double().mean())


def entropy_given_x(log_probabilities: Tensor) -> float:
    """H(y|x): the mean over sequences of the entropy of p(y|x), from log p(y|x) (N, K), in nats."""
    return float(entropies(log_probabilities.double()).mean())


def entropy(log_probabilities: Tensor) -> float:
    """H(y): the entropy of the mean p(y) of p(y|x), from log p(y|x) (N, K), in nats."""
    marginal = log_probabilities.double().exp().mean(0, keepdim=True)
    return float(entropies(marginal.log())[0])


def entropies(log_probabilities: Tensor) -> Tensor:
    """Entropy (N,) of each distribution, from its logarithms (N, K), in nats; what is impossible adds nothing."""
    probabilities = log_probabilities.exp()
    return -torch.where(probabilities > 0, probabilities * log_probabilities, 0.0).sum(1)


def spread(draws: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean of each score over draws of the noise and, where there are several, their standard deviation (N - 1)."""
    values = {name: torch.tensor([draw[name] for draw in draws], dtype=torch.float64) for name in draws[0]}
    return {
        name: {"mean": float(own.mean()), **({"std": float(own.std())} if len(own) > 1 else {})}
        for name, own in values.items()
    }
