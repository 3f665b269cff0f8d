"""Maps of codes."""

import numpy as np
import torch
from matplotlib.image import imread

from vcdisent.evaluation.pictures import draw_codes, draw_map, evenly, middles, tsne
from vcdisent.evaluation.probe_rows import Coded


def test_neighbours_stay_neighbours():
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((60, 5)) + 20 * np.repeat(np.eye(5)[:3], 20, axis=0)
    vectors[:, 4] *= 1e6  # a dimension that is nothing but loud
    places = tsne(vectors)
    distances = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(60)
    nearest = distances.argmin(1)
    assert (nearest // 20 == np.arange(60) // 20).mean() > 0.9
    assert (tsne(vectors) == places).all(), "the same each time"


def test_a_phone_is_drawn_by_its_middle():
    assert middles(torch.tensor([-1, -1, 3, 3, 3, 0, -1, 2, 2])).tolist() == [3, 5, 8]


def test_labels_get_no_more_dots_than_they_may():
    labels = ["a"] * 50 + ["b"] * 3 + ["c"] * 20
    chosen = evenly(labels, max_per_label=10, max_labels=2)
    assert sorted(labels[i] for i in chosen) == ["a"] * 10 + ["c"] * 10 and len(set(chosen.tolist())) == 20


def test_a_picture_has_colours_and_a_legend(tmp_path):
    places = np.random.default_rng(0).standard_normal((30, 2))
    draw_map(tmp_path / "few.png", places, ["a", "b", "c"] * 10, "title")
    draw_map(tmp_path / "many.png", places, [str(n) for n in range(30)], "title")
    few, many = (imread(tmp_path / f"{name}.png") for name in ("few", "many"))
    assert few.shape == many.shape
    assert len(np.unique((few[..., :3] * 255).astype(int).reshape(-1, 3), axis=0)) > 20
    assert (many[:, -60:, :3] < 0.9).any() or (many[:, -200:, :3] < 0.9).any(), "the legend stands at the right"


def test_s_and_z_are_drawn(tmp_path):
    generator = torch.Generator().manual_seed(0)
    rows = [torch.randn(20, 4, generator=generator) for _ in range(8)]
    phones = [torch.randint(-1, 3, (20,), generator=generator) for _ in range(8)]
    coded = Coded(list("aabbccdd"), {"static": rows, "dynamic": rows}, phones)
    names = draw_codes(coded, coded, ["x", "y", "z"], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names) and len(names) == 3
