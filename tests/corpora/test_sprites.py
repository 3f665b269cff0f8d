"""Sprites: the protocol, cell for cell, on drawn sheets; and sheets that are wrong."""

import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vcdisent.corpora import drawn_sprites, sprites
from vcdisent.corpora.videodir import Clip, read_video_dir
from vcdisent.errors import InputError

REAL = Path(__file__).resolve().parents[2] / "../shared/data/sprites"


@pytest.fixture(scope="session")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drawn variants of each layer."""
    root = tmp_path_factory.mktemp("sheets") / "root"
    drawn_sprites.draw_sheets(root)
    return root


@pytest.fixture(scope="session")
def prepared(sheets: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Clip]]]:
    """The 16 characters that two variants of each layer make."""
    out = tmp_path_factory.mktemp("data")
    return out, sprites.prepare(sheets, out, num_variants=2)


def cell(root: Path, character: str, number: int) -> np.ndarray:
    """What Pillow makes of one cell of all layers, on black."""
    image = Image.new("RGBA", (64, 64), "black")
    names = [*(f"{layer}/{variant}" for layer, variant in zip(sprites.LAYERS, character, strict=True)), "shoes/1"]
    row, column = divmod(number, 13)
    for name in names:
        sheet = Image.open(root / f"{name}.png").convert("RGBA")
        image.alpha_composite(sheet.crop((64 * column, 64 * row, 64 * column + 64, 64 * row + 64)))
    return np.asarray(image.convert("RGB"))


def test_the_split_is_the_published_one() -> None:
    characters = list(itertools.product(range(6), repeat=4))
    split = sprites.split(characters)
    assert {name: len(chosen) for name, chosen in split.items()} == {"train": 1000, "dev": 40, "test": 296}
    np.random.seed(423)  # noqa: NPY002 as published
    order = np.random.permutation(1296)  # noqa: NPY002
    assert split["train"] == [characters[i] for i in order[:1000]]
    assert set(split["train"]).isdisjoint(split["test"])
    assert set(split["dev"]) < set(split["train"])


def test_there_are_nine_actions_of_eight_frames() -> None:
    assert {name: len(cells) for name, cells in sprites.ACTIONS.items()} == {
        f"{action}_{side}": 8 for action in ("walk", "spellcast", "slash") for side in ("front", "left", "right")
    }
    assert sprites.ACTIONS["walk_front"] == [138, 131, 132, 133, 134, 135, 136, 137]
    assert sprites.ACTIONS["spellcast_left"] == [13, 14, 15, 16, 17, 18, 17, 19]
    assert sprites.ACTIONS["slash_right"] == [195, 196, 197, 198, 199, 200, 199, 195]


def test_characters_are_composed_as_pillow_composes_them(
    sheets: Path, prepared: tuple[Path, dict[str, list[Clip]]]
) -> None:
    clips = {clip.id: clip for clips in prepared[1].values() for clip in clips}
    for character, action in (("0110", "walk_left"), ("1011", "slash_front"), ("0001", "spellcast_right")):
        frames = clips[f"c{character}-{action}"].read()
        expected = np.stack([cell(sheets, character, number) for number in sprites.ACTIONS[action]])
        np.testing.assert_allclose(frames.astype(int), expected, atol=1)


def test_what_a_clip_shows_is_in_its_labels(prepared: tuple[Path, dict[str, list[Clip]]]) -> None:
    out, splits = prepared
    read = {name: read_video_dir(out / name) for name in splits}
    assert {name: len(clips) for name, clips in read.items()} == {"train": 12 * 9, "dev": 9, "test": 4 * 9}
    for clip in read["test"]:
        worn = "".join(clip.labels[layer] for layer in sprites.LAYERS)
        assert clip.id == f"c{worn}-{clip.labels['action']}"
        assert clip.identity == f"c{worn}"
    assert read["test"][0].read().shape == (8, 64, 64, 3)


def test_every_layer_and_every_action_can_be_seen(prepared: tuple[Path, dict[str, list[Clip]]]) -> None:
    clips = [clip for name in ("train", "test") for clip in prepared[1][name]]
    shown = {clip.id: clip.read().tobytes() for clip in clips}
    assert len(set(shown.values())) == len(clips) == 16 * 9


def test_drawn_sheets_are_the_same_every_time_and_say_what_they_are(sheets: Path, tmp_path: Path) -> None:
    drawn_sprites.draw_sheets(tmp_path / "again")
    for path in sheets.rglob("*.png"):
        assert (tmp_path / "again" / path.relative_to(sheets)).read_bytes() == path.read_bytes()
    assert "NOT the Liberated Pixel Cup's" in (sheets / "README").read_text()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/picture.png").touch()
    with pytest.raises(InputError, match="holds something other than this version's drawn_sprites"):
        drawn_sprites.prepare(tmp_path / "mine", tmp_path / "data")


def test_no_sheets_says_where_they_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no LPC sprite sheets found .*YingzhenLi/Sprites.* prepare drawn_sprites"):
        sprites.prepare(tmp_path, tmp_path / "data")


def shrink(path: Path) -> None:
    Image.open(path).resize((416, 672)).save(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize(
    ("name", "spoil", "complaint"),
    [
        ("hair/1.png", shrink, r"hair/1\.png: is 416x672, where an LPC sheet of 832x1344 is expected"),
        ("body/0.png", cut, r"body/0\.png: cannot be decoded"),
        ("shoes/1.png", Path.unlink, r"shoes/1\.png: is missing, one of 9 sheets"),
        ("topwear", shutil.rmtree, r"topwear/0\.png: is missing, one of 9 sheets"),
        ("bottomwear/1.png", lambda path: path.write_text("no sheet"), r"bottomwear/1\.png: is no image"),
    ],
)
def test_a_bad_sheet_is_refused(sheets: Path, tmp_path: Path, name: str, spoil, complaint: str) -> None:
    root = shutil.copytree(sheets, tmp_path / "sheets")
    spoil(root / name)
    with pytest.raises(InputError, match=complaint) as caught:
        sprites.prepare(root, tmp_path / "data", num_variants=2)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the sprite sheets in ../shared/data")
def test_real_sheets_make_characters(tmp_path: Path) -> None:
    splits = sprites.prepare(REAL, tmp_path, num_variants=2)
    for clip in splits["test"][::7]:
        frames = clip.read()
        lit = (frames.max(-1) > 0).mean()
        assert 0.05 < lit < 0.4  # a figure on black
        expected = cell(REAL, clip.identity[1:], sprites.ACTIONS[clip.labels["action"]][3])
        np.testing.assert_allclose(frames[3].astype(int), expected, atol=1)
