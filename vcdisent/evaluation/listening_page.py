"""A page to listen to: players, spectrograms and scores, side by side. Plain HTML that needs nothing but its folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import quote

import numpy as np
import torch
from PIL import Image

from vcdisent.atomic import whole_file
from vcdisent.features.spectrogram import LogMel

RATE_HZ, RANGE_DB = 16000, 60.0
MOST_S = 60  # of a recording are shown
HEIGHT_PIXELS, PIXELS_A_SECOND = 80, 50
STYLE = (
    "body{font:14px sans-serif;margin:2em;max-width:1400px}td,th{padding:4px 10px;vertical-align:top;text-align:left}"
    "tr{border-top:1px solid #ccc}table{border-collapse:collapse}audio{width:220px;display:block}"
    "img{width:220px;height:80px;display:block}small{color:#555}"
)


@dataclass
class Sound:
    """One recording on the page.

    Attributes:
        file: Its name, relative to the page, without the suffix: `.wav` is the sound, `.png` the spectrogram.
        figures: What is said of it, by name.
    """

    file: str
    figures: Mapping[str, float] = field(default_factory=dict)


def page(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[Sound | None]], text: str = "") -> str:
    """HTML of a table of players: a row for each name, with as many cells as there are columns."""
    head = "".join(f"<th>{escape(column)}</th>" for column in ["", *columns])
    body = "\n".join(
        f"<tr><td>{escape(name)}</td>{''.join(f'<td>{_player(sound)}</td>' for sound in sounds)}</tr>"
        for name, sounds in rows.items()
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n<pre>{escape(text)}</pre>\n"
        f"<table><tr>{head}</tr>\n{body}\n</table></body></html>\n"
    )


def write_spectrogram(wav: np.ndarray, path: Path) -> None:
    """A log-mel spectrogram of wav (N,) at 16 kHz as a grey PNG: loud is dark, low is at the bottom, 60 dB are shown.

    Of a long recording it shows the first minute.
    """
    wav = wav[: MOST_S * RATE_HZ]
    frames = LogMel(RATE_HZ, level_db=None)(torch.from_numpy(wav).unsqueeze(0))[0]
    loudness = 1 + (frames - frames.max()) * (20 / np.log(10) / RANGE_DB)
    grey = (255 * (1 - loudness.clamp(0, 1))).byte().T.flip(0).contiguous().numpy()
    width = max(round(PIXELS_A_SECOND * len(wav) / RATE_HZ), 1)
    with whole_file(path) as partial:
        Image.fromarray(grey).resize((width, HEIGHT_PIXELS)).save(partial, format="png")


def _player(sound: Sound | None) -> str:
    if sound is None:
        return ""
    figures = "<br>".join(f"{escape(name)} {value:.2f}" for name, value in sound.figures.items())
    file = escape(quote(sound.file), quote=True)
    return (
        f'<img src="{file}.png" alt="spectrogram" loading="lazy">'
        f'<audio controls preload="none" src="{file}.wav"></audio><small>{figures}</small>'
    )
