"""Sprites (Li and Mandt, "Disentangled Sequential Autoencoder", ICML 2018), composed from LPC sprite sheets.

ROOT/{body,bottomwear,topwear,hair,shoes}/N.png are sheets of 64x64 cells, 13 a row. A character wears one variant of
each; all have the same shoes. Each of the 6^4 = 1296 characters does 9 actions of 8 frames, on black.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vcdisent import video
from vcdisent.atomic import whole_file
from vcdisent.corpora.survey import write_clips
from vcdisent.corpora.videodir import Clip
from vcdisent.errors import InputError
from vcdisent.progress import progress

SIZE, CELLS_A_ROW, NUM_ROWS = 64, 13, 21
LAYERS = ("body", "bottomwear", "topwear", "hair")
"""What a character is made of, from below to above; the shoes come last."""

NUM_VARIANTS, SHOES = 6, 1
CELLS = {
    "walk": {"front": 131, "left": 118, "right": 144},
    "spellcast": {"front": 26, "left": 13, "right": 39},
    "slash": {"front": 182, "left": 169, "right": 195},
}
"""The first cell of each action."""

ORDER = {
    "walk": (7, 0, 1, 2, 3, 4, 5, 6),
    "spellcast": (0, 1, 2, 3, 4, 5, 4, 6),
    "slash": (0, 1, 2, 3, 4, 5, 4, 0),
}
"""The frames of each action, as cells after its first."""

ACTIONS = {
    f"{action}_{side}": [first + step for step in ORDER[action]]
    for action, sides in CELLS.items()
    for side, first in sides.items()
}
"""The cells of each of the 9 actions' 8 frames."""

SPLIT_SEED, TRAIN_SHARE = 423, 1000 / 1296
DEV_EVERY = 25
"""Of the training characters, which dev shows too: it picks weights of a run, and says nothing about test."""

WHERE = (
    "take those of github.com/YingzhenLi/Sprites (CC BY-SA 3.0 and GPL 3.0), or draw a stand-in with vcdisent prepare "
    "drawn_sprites SHEETS OUT"
)


Character = tuple[int, ...]
"""The variant of each layer."""


class Layer(NamedTuple):
    """What one sheet adds: colours and coverage of the 9 x 8 frames that are used.

    Attributes:
        colours: uint8 (9, 8, 64, 64, 3).
        coverage: uint8 (9, 8, 64, 64, 1): 255 hides what is below.
    """

    colours: np.ndarray
    coverage: np.ndarray


def prepare(root: str | Path, out: str | Path, *, num_variants: int = NUM_VARIANTS) -> dict[str, list[Clip]]:
    """Compose the characters and make data dirs of them.

    Args:
        root: the folder with the sheets.
        out: gets `train` (1000 characters), `dev` (40 of those), `test` (the other 296) and their `frames`.
        num_variants: of each layer.

    Returns:
        The clips of each split.

    Raises:
        InputError: there are no sheets in `root`, one is missing, has the wrong size or does not decode.
    """
    root, out = Path(root), Path(out)
    sheets = {layer: [root / layer / f"{variant}.png" for variant in range(num_variants)] for layer in LAYERS}
    sheets["shoes"] = [root / "shoes" / f"{SHOES}.png"]
    _check_present(root, [sheet for variants in sheets.values() for sheet in variants])
    layers = [[read_layer(sheet) for sheet in variants] for variants in sheets.values()]
    characters = list(product(range(num_variants), repeat=len(LAYERS)))
    composed = compose(np.zeros_like(layers[0][0].colours), layers)
    clips = {}
    for character, frames in zip(progress(characters, unit="character", desc=str(out)), composed, strict=True):
        clips[character] = _write_character(out / "frames", character, frames)
    return {
        name: write_clips(out / name, [clip for character in chosen for clip in clips[character]])
        for name, chosen in split(characters).items()
    }


def split(characters: list[Character]) -> dict[str, list[Character]]:
    """The characters of each split, by the permutation that all use who report figures on Sprites."""
    order = np.random.RandomState(SPLIT_SEED).permutation(len(characters))
    shuffled = [characters[i] for i in order]
    num_train = round(TRAIN_SHARE * len(characters))
    return {"train": shuffled[:num_train], "dev": shuffled[:num_train:DEV_EVERY], "test": shuffled[num_train:]}


def read_layer(path: Path) -> Layer:
    """The frames of all actions on a sheet.

    Raises:
        InputError: it cannot be decoded, or is not 832x1344.
    """
    from PIL import Image

    with video.decoding(path), Image.open(path) as image:
        wanted = (CELLS_A_ROW * SIZE, NUM_ROWS * SIZE)
        if image.size != wanted:
            found = "x".join(map(str, image.size))
            raise InputError(f"{path}: is {found}, where an LPC sheet of {wanted[0]}x{wanted[1]} is expected; {WHERE}")
        sheet = np.asarray(image.convert("RGBA"))
    cells = sheet.reshape(NUM_ROWS, SIZE, CELLS_A_ROW, SIZE, 4).swapaxes(1, 2).reshape(-1, SIZE, SIZE, 4)
    frames = cells[np.array(list(ACTIONS.values()))]
    return Layer(frames[..., :3], frames[..., 3:])


def compose(under: np.ndarray, layers: Sequence[Sequence[Layer]]) -> Iterator[np.ndarray]:
    """All ways of putting one variant of each layer over `under`, the last layer's variants changing fastest.

    Args:
        under: uint8 (9, 8, 64, 64, 3).
        layers: the variants of each, from below to above.

    Yields:
        uint8 (9, 8, 64, 64, 3).
    """
    if not layers:
        yield under
        return
    for variant in layers[0]:
        opaque = variant.coverage.astype(np.uint16)
        blended = (under * (255 - opaque) + variant.colours * opaque + 127) // 255
        yield from compose(blended.astype(np.uint8), layers[1:])


def _check_present(root: Path, sheets: list[Path]) -> None:
    missing = [sheet for sheet in sheets if not sheet.is_file()]
    if len(missing) == len(sheets):
        raise InputError(f"{root}: no LPC sprite sheets found ({'/0.png, '.join(LAYERS)}/0.png, ...): {WHERE}")
    if missing:
        raise InputError(f"{missing[0]}: is missing, one of {len(sheets)} sheets that make the characters: {WHERE}")


def _write_character(folder: Path, character: Character, frames: np.ndarray) -> list[Clip]:
    """One array for all actions of a character, and a clip of each."""
    name = "c" + "".join(map(str, character))
    with whole_file(folder / f"{name}.npy") as unfinished:
        np.save(unfinished, frames)
    worn = {layer: str(variant) for layer, variant in zip(LAYERS, character, strict=True)}
    return [
        Clip(f"{name}-{action}", name, f"{folder / name}.npy[{row}]", {**worn, "action": action})
        for row, action in enumerate(ACTIONS)
    ]
