"""The README of a checkpoint folder: what it is, what it was made from, what it may not be used for."""

from collections.abc import Mapping
from typing import Any

SPLITS_SPEECH = """\
Splits speech into what stays (static: the voice) and what changes (dynamic: the words), after C-DSVAE (Bai, Wang and
Gomes, NeurIPS 2021). Load it with `vcdisent.load(FOLDER)` or `vcdisent convert SRC TGT --model FOLDER`."""

SPLITS_VIDEO = """\
Splits video into what stays (static: who or what is shown) and what changes (dynamic: the movement), after C-DSVAE
(Bai, Wang and Gomes, NeurIPS 2021). Use it with `vcdisent swap A B -o OUT --model FOLDER`."""

MAKES_WAVEFORMS = """\
Makes waveforms of frames of speech, after Vocos (Siuzdak, ICLR 2024). Use it with
`vcdisent convert SRC TGT --vocoder FOLDER`, for a model of the same frames."""

VOCODER = """## What it can and cannot do

It knows only what its training data holds: its kind of speech, its microphones. What it makes sounds processed, and
the less so the longer it was trained; it carries no watermark.

## Whose voice it is

A voice belongs to a person. Do not pass off speech that was made with it as genuine.
"""

SPEECH = """## What it can and cannot do

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

VIDEO = """## What it can and cannot do

It was trained on short clips, without labels, and knows only what its training data shows: its kind of picture, at its
size, and its movements. What it makes is blurred and carries no watermark. Error rates are those of telling who or what
is shown by one half of the codes; how well halves are swapped is for a judge to say: `vcdisent evaluate video`.

## Whose face it is

A face belongs to a person. Do not make pictures of somebody who has not agreed to it, and do not pass off what was made
as filmed.
"""


def model_card(config: Mapping[str, Any], dev: Mapping[str, Any], amount: str) -> str:
    """Markdown for a checkpoint with this configuration, these figures on dev and this amount of training data."""
    figures = "\n".join(f"| {name} | {value:.4g} |" for name, value in dev.items())
    intended, limits = words_for(config["features"])
    best = config["trainer"]["best"]
    chosen = "the last" if best == "step" else f"those with the best\n`{best}`"
    return f"""# {config["model"]["kind"]}, a vcdisent checkpoint

{intended}

- Features: {frames_in_words(config["features"])}
- Objective: {config["objective"]["kind"]}, seed {config["seed"]}
- Training data: {config["corpus"].get("description") or config["corpus"]["train"]}: {amount}
- Licence of the data: {config["corpus"].get("licence") or "see the data"}

Figures on dev (error rates are in percent over all pairs of recordings); the weights are {chosen}:

| figure | value |
|---|---|
{figures}

{limits}"""


def words_for(features: Mapping[str, Any]) -> tuple[str, str]:
    """What a checkpoint with these features is for, and its limits."""
    if features["kind"] == "Waveform":
        return MAKES_WAVEFORMS, VOCODER
    return (SPLITS_SPEECH, SPEECH) if "sample_rate" in features else (SPLITS_VIDEO, VIDEO)


def frames_in_words(features: Mapping[str, Any]) -> str:
    """What a frame is."""
    if "sample_rate" in features:
        return f"{features['kind']} at {features['sample_rate']} Hz"
    return f"{features['kind']}, {features['width']} x {features['height']} pixels, {features['num_channels']} channels"
