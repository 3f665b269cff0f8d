"""Maps of codes: t-SNE (van der Maaten and Hinton, JMLR 2008) of s by speaker and of z by phone, as pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vcdisent.atomic import whole_file
from vcdisent.evaluation.probe_rows import Coded

Array = NDArray[np.floating]
MARKERS = "os^Dv<>P"
NUM_COLOURS = 10
SIZE_INCHES, DOTS_PER_INCH = (9.0, 6.5), 110
POINTS_A_SPEAKER, MAX_SPEAKERS, POINTS_A_PHONE, MAX_PHONES = 40, 20, 80, 12
PICTURES = ("static.png", "dynamic.png", "dynamic_by_speaker.png")


def draw_codes(spoken: Coded, voices: Coded, names: Sequence[str], folder: Path) -> list[str]:
    """Draws s by speaker, z by phone and the same z by speaker; returns the pictures' names.

    Args:
        spoken: Recordings with phones, whose z is drawn.
        voices: Recordings whose s is drawn, one dot each.
        names: Name of each class of phone.
        folder: Gets the pictures.
    """
    statics = torch.stack([rows.float().mean(0) for rows in voices.inputs["static"]]).numpy()
    chosen = evenly(voices.speakers, POINTS_A_SPEAKER, MAX_SPEAKERS)
    own = [voices.speakers[i] for i in chosen]
    draw_map(folder / PICTURES[0], tsne(statics[chosen]), own, "s by speaker: one dot a recording")
    labels = torch.cat(list(spoken.phones))
    frames = middles(labels).numpy()
    phones = [names[number] for number in labels[frames].tolist()]
    chosen = evenly(phones, POINTS_A_PHONE, MAX_PHONES)
    dynamics = torch.cat(list(spoken.inputs["dynamic"]))[torch.from_numpy(frames[chosen])].float().numpy()
    places = tsne(dynamics)
    draw_map(folder / PICTURES[1], places, [phones[i] for i in chosen], "z by phone: one dot the middle of a phone")
    speakers = np.repeat(np.asarray(spoken.speakers), [len(own) for own in spoken.phones])
    draw_map(folder / PICTURES[2], places, list(speakers[frames[chosen]]), "the same z by speaker")
    return list(PICTURES)


def middles(labels: Tensor) -> Tensor:
    """The middle frame (n,) of each stretch of one class in `labels` (N,), where neighbours weigh least."""
    classes, lengths = torch.unique_consecutive(labels, return_counts=True)
    places = lengths.cumsum(0) - lengths + lengths // 2
    return places[classes >= 0]


def tsne(vectors: Array, seed: int = 0) -> Array:
    """Places (N, 2) of `vectors` (N, D), each value of unit variance, so that neighbours stay neighbours."""
    from sklearn.manifold import TSNE

    scaled = (vectors - vectors.mean(0)) / np.maximum(vectors.std(0), 1e-8)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(scaled.astype(np.float32))


def evenly(labels: Sequence[str], max_per_label: int, max_labels: int, seed: int = 0) -> NDArray[np.integer]:
    """Index of at most so many rows of each of the commonest labels, drawn at random, the labels in their order."""
    names, counts = np.unique(np.asarray(labels), return_counts=True)
    chosen = sorted(names[np.argsort(-counts, kind="stable")][:max_labels])
    generator = np.random.default_rng(seed)
    every = np.asarray(labels)
    rows = [generator.permutation(np.flatnonzero(every == name))[:max_per_label] for name in chosen]
    return np.concatenate(rows)


def draw_map(path: Path, places: Array, labels: Sequence[str], title: str) -> None:
    """Writes a picture of `places` (N, 2), each label in its own colour and mark, with a legend beside it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    every = np.asarray(labels)
    for number, name in enumerate(sorted(set(labels))):
        own = places[every == name]
        colour, marker = f"C{number % NUM_COLOURS}", MARKERS[number // NUM_COLOURS % len(MARKERS)]
        size = 60 if len(places) < 500 else 20
        axes.scatter(own[:, 0], own[:, 1], s=size, c=colour, marker=marker, label=name, alpha=0.8, linewidths=0)
    axes.set(title=title, xticks=[], yticks=[])
    num_columns = 1 + len(set(labels)) // 24
    figure.legend(loc="outside right upper", ncols=num_columns, frameon=False, markerscale=1.5 if size < 60 else 1.0)
    with whole_file(path) as partial:
        figure.savefig(partial)
