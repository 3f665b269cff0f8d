"""Pictures of generated sequences: their spectrograms, one below the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import DB, World, decode_envelope
from vcdisent.vocoder.magnitude import Magnitudes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RANGE_DB = 60.0
WIDTH_INCHES, ROW_INCHES, DOTS_PER_INCH = 9.0, 1.5, 110


def spectrum_db(features: LogMagnitude | World, frames: np.ndarray) -> np.ndarray:
    """What a frame sounds like, whatever features it is made by: a magnitude in dB at each linear frequency.

    Args:
        features: What the frames are made by.
        frames: (T, F), not normalised.

    Returns:
        (T, K) in dB, from 0 Hz to half the sample rate.
    """
    rows = torch.from_numpy(frames)
    if isinstance(features, World):
        return DB * decode_envelope(features.split(rows).log_envelope, features.sample_rate)
    magnitude = Magnitudes(features)(rows.unsqueeze(0))[0].clamp_min(features.floor)
    return DB * magnitude.log().numpy()


def spectrogram_grid(title: str, rows: Sequence[tuple[str, np.ndarray]], sample_rate: int, hop_length: int) -> "Figure":
    """One spectrogram a row, all on the same axes of time and frequency and in the same colours.

    Args:
        title: Over all rows.
        rows: A label and a spectrum (T, K) in dB each, K frequencies from 0 Hz to half the sample rate.
        sample_rate: In hertz.
        hop_length: Samples from one frame to the next.

    Returns:
        The figure; `savefig` writes it.
    """
    from matplotlib.figure import Figure  # without pyplot, which looks for a screen

    height = ROW_INCHES * len(rows) + 1.0
    figure = Figure((WIDTH_INCHES, height), dpi=DOTS_PER_INCH, layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(len(rows), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    loudest_db = max(float(spectrum.max()) for _, spectrum in rows)
    for panel, (label, spectrum) in zip(panels, rows, strict=True):
        end_s = len(spectrum) * hop_length / sample_rate
        image = panel.imshow(
            spectrum.T,
            origin="lower",
            aspect="auto",
            extent=(0, end_s, 0, sample_rate / 2000),
            vmin=loudest_db - RANGE_DB,
            vmax=loudest_db,
            cmap="magma",
        )
        panel.set_title(label, loc="left", fontsize="small")
    panels[-1].set_xlabel("time, s")
    figure.supylabel("frequency, kHz", fontsize="medium")
    figure.colorbar(image, ax=panels, label="dB", pad=0.01, aspect=20 * max(len(rows), 2) / 2)
    return figure
