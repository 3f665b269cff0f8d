"""Additive angular margin."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.batches import Batch
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import Posterior
from vcdisent.objective.speaker_classification import SpeakerClassification

SPEAKERS = torch.tensor([0, 1, 2, 0, 1])


class GivenEmbeddings(nn.Module):
    """A speaker network that has an embedding ready for each sequence."""

    def __init__(self, embeddings: Tensor) -> None:
        super().__init__()
        self.embeddings = nn.Parameter(embeddings)

    def encode(self, x: Tensor) -> Posterior:
        """The embeddings."""
        return Posterior(Gaussian(self.embeddings, torch.full_like(self.embeddings, -torch.inf)), None)


def classification(margin: float = 0.2, scale: float = 30.0) -> SpeakerClassification:
    objective = SpeakerClassification(3, 4, margin, scale)
    objective.centres.data = torch.eye(3, 4)
    return objective


@pytest.fixture
def batch(batch: Batch) -> Batch:
    return replace(batch, speakers=SPEAKERS)


def some_embeddings() -> Tensor:
    return torch.eye(3, 4)[SPEAKERS] + 0.5 * torch.randn(5, 4, generator=torch.Generator().manual_seed(0))


def test_without_a_margin_it_is_cross_entropy_of_cosines(batch: Batch) -> None:
    embeddings = some_embeddings()
    terms = classification(margin=0.0, scale=10.0)(GivenEmbeddings(embeddings), batch)
    cosines = functional.cosine_similarity(embeddings.unsqueeze(1), torch.eye(3, 4).unsqueeze(0), dim=2)
    torch.testing.assert_close(terms["cross_entropy"], functional.cross_entropy(10 * cosines, SPEAKERS))
    assert terms["loss"] is terms["cross_entropy"]


def test_a_margin_makes_it_harder_and_accuracy_does_not_see_it(batch: Batch) -> None:
    model = GivenEmbeddings(some_embeddings())
    of_margins = [classification(margin)(model, batch) for margin in (0.0, 0.2, 0.5)]
    losses = [terms["loss"].item() for terms in of_margins]
    assert losses == sorted(losses)
    assert losses[0] < losses[1] < losses[2]
    assert len({terms["accuracy"].item() for terms in of_margins}) == 1


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("towards", "accuracy"), [(1.0, 1.0), (-1.0, 0.0)])
def test_embeddings_at_the_centres_or_opposite_have_finite_gradients(
    batch: Batch, towards: float, accuracy: float, precision: torch.dtype
) -> None:
    model, objective = GivenEmbeddings(2 * towards * torch.eye(3, 4)[SPEAKERS]), classification()
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
        terms = objective(model, batch)
    terms["loss"].backward()
    assert terms["accuracy"] == accuracy
    assert model.embeddings.grad.isfinite().all()
    assert objective.centres.grad.isfinite().all()
    assert (terms["loss"] < 1e-6) == (towards > 0)


def test_half_of_the_sequences_right(batch: Batch) -> None:
    embeddings = torch.eye(3, 4)[torch.tensor([0, 1, 2, 1, 0])]
    assert classification()(GivenEmbeddings(embeddings), batch)["accuracy"].item() == pytest.approx(3 / 5)


def test_steps_bring_embeddings_and_centres_together(batch: Batch) -> None:
    torch.manual_seed(0)
    model, objective = GivenEmbeddings(some_embeddings()), SpeakerClassification(3, 4)
    optimiser = torch.optim.Adam([*model.parameters(), *objective.parameters()], 0.1)
    losses = []
    for _ in range(20):
        terms = objective(model, batch)
        optimiser.zero_grad()
        terms["loss"].backward()
        optimiser.step()
        losses.append(terms["loss"].item())
    assert losses[-1] < 0.5 * losses[0]
    assert terms["accuracy"] == 1


def test_the_view_is_read_where_that_is_asked(batch: Batch) -> None:
    class Reading(GivenEmbeddings):
        def encode(self, x: Tensor) -> Posterior:
            self.read = x
            return super().encode(x)

    model = Reading(some_embeddings())
    SpeakerClassification(3, 4)(model, batch)
    assert model.read is batch.x
    SpeakerClassification(3, 4, reads_view=True)(model, batch)
    assert model.read is batch.x_dynamic
