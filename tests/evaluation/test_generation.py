"""Pictures of generated sequences: what is in them, and where."""

import numpy as np
import pytest
import torch

from vcdisent.evaluation.generation import RANGE_DB, spectrogram_grid, spectrum_db
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World

RATE, HOP = 16_000, 160


def tone(frequency_hz: float) -> torch.Tensor:
    return 0.5 * torch.sin(2 * torch.pi * frequency_hz * torch.arange(RATE // 4) / RATE).unsqueeze(0)


@pytest.mark.parametrize("features", [LogMagnitude(), LogMel()])
def test_a_tone_is_loudest_at_its_frequency(features):
    spectrum = spectrum_db(features, features(tone(2000.0))[0].numpy())
    assert spectrum.shape == (26, 201)
    loudest_hz = spectrum[5:-5].mean(0).argmax() / 200 * RATE / 2
    assert loudest_hz == pytest.approx(2000, abs=80)


def test_world_frames_show_their_envelope(speech):
    features = World()
    frames = features(torch.from_numpy(speech(0)).unsqueeze(0))[0].numpy()
    spectrum = spectrum_db(features, frames)
    assert len(spectrum) == len(frames) and np.isfinite(spectrum).all()
    assert spectrum[:, : spectrum.shape[1] // 2].mean() > spectrum[:, spectrum.shape[1] // 2 :].mean()


def test_one_labelled_row_a_sample_on_one_scale():
    rows = [(f"sample {number}", number * np.ones((50 * number, 201))) for number in (1, 2, 3)]
    figure = spectrogram_grid("a title", rows, RATE, HOP)
    panels = [axes for axes in figure.axes if axes.images]
    assert figure.get_suptitle() == "a title"
    assert [panel.get_title(loc="left") for panel in panels] == ["sample 1", "sample 2", "sample 3"]
    assert [panel.images[0].get_extent()[:2] for panel in panels] == [[0, 0.5], [0, 1.0], [0, 1.5]]
    assert {panel.images[0].get_clim() for panel in panels} == {(3 - RANGE_DB, 3.0)}
    assert panels[0].images[0].get_extent()[3] == 8.0
    np.testing.assert_array_equal(panels[1].images[0].get_array(), rows[1][1].T)


def test_a_single_row_is_drawn_too(tmp_path):
    spectrogram_grid("one", [("only", np.zeros((4, 201)))], RATE, HOP).savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
