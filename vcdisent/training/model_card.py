"""The README of a checkpoint folder: what it is, what it was made from, what it may not be used for."""

from collections.abc import Mapping
from typing import Any


def model_card(config: Mapping[str, Any], dev: Mapping[str, Any], amount: str) -> str:
    """Markdown for a checkpoint with this configuration, these figures on dev and this amount of training data."""
    figures = "\n".join(f"| {name} | {value:.4g} |" for name, value in dev.items())
    return f"""# {config["model"]["kind"]}, a vcdisent checkpoint

Splits speech into what stays (static: the voice) and what changes (dynamic: the words), after C-DSVAE (Bai, Wang and
Gomes, NeurIPS 2021). Load it with `vcdisent.load(FOLDER)` or `vcdisent convert SRC TGT --model FOLDER`.

- Features: {config["features"]["kind"]} at {config["features"]["sample_rate"]} Hz
- Objective: {config["objective"]["kind"]}, seed {config["seed"]}
- Training data: {config["corpus"].get("description") or config["corpus"]["train"]}: {amount}
- Licence of the data: {config["corpus"].get("licence") or "see the data"}

Figures on dev, where these weights were chosen (error rates in percent over all pairs of recordings):

| figure | value |
|---|---|
{figures}

## What it can and cannot do

It was trained on short segments, without text or labels, and knows only what its training data holds: its language, its
kind of speech, its microphones. Static codes tell speakers apart about as well as the figures above say, less well in
noise or through a telephone; the threshold holds for recordings like those of dev alone. Voices recorded in one studio
sound alike to it. Converted speech keeps most of the words, takes on the target's pitch range and part of the
voice, and sounds processed. It carries no watermark.

## Whose voice it is

A voice belongs to a person. Do not convert speech to the voice of somebody who has not agreed to it, do not pass
converted speech off as genuine, and do not use the verification score alone to let anybody in: it was not made to
withstand attacks.
"""
