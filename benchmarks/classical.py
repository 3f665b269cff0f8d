"""Real-time factors of classical conversion into frames, with each utterance analysed once, and once a conversion."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from timing import begin, buzz, compare, in_turns, options, print_table

from vcdisent import audio
from vcdisent import config as configuration
from vcdisent.augment.classical import HOP_MS, fitted, gather_voices
from vcdisent.augment.classical_views import Converted
from vcdisent.commands.views import METHODS
from vcdisent.corpora.datadir import Utterance
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import analyse

SAMPLE_RATE = 16000


def write_corpus(folder: Path, num_utterances: int, seconds: float) -> list[Utterance]:
    """Synthetic recordings of speakers that differ in pitch, two of each."""
    utterances = []
    for number in range(num_utterances):
        speaker, path = f"s{number // 2:02d}", folder / f"{number:02d}.wav"
        audio.write(path, buzz(seconds, SAMPLE_RATE, 90.0 + 30 * (number // 2)), SAMPLE_RATE)
        utterances.append(Utterance(f"{speaker}-{number:02d}", speaker, str(path)))
    return utterances


def each_analysed_again(converted: Converted, utterance: Utterance) -> dict[str, np.ndarray]:
    """The same frames and recordings, with WORLD's analysis repeated for every conversion but the first."""
    wav, _ = utterance.read(SAMPLE_RATE)
    for _ in range(converted.num_views - 1):
        analyse(wav, SAMPLE_RATE, HOP_MS, None)
    return converted(utterance)


def convert_all(
    utterances: list[Utterance], convert: Callable[[Utterance], dict[str, np.ndarray]]
) -> list[dict[str, np.ndarray]]:
    """All conversions of all utterances, with the pairs of voices fitted anew."""
    fitted.cache_clear()
    return [convert(utterance) for utterance in utterances]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--methods", nargs="+", choices=tuple(METHODS), default=list(METHODS))
    parser.add_argument("--num_utterances", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each utterance")
    parser.add_argument("--num_views", type=int, default=2, help="conversions of each")
    parser.add_argument("--num_repeats", type=int, default=5)
    given = parser.parse_args()
    device = begin(given)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        utterances = write_corpus(folder, given.num_utterances, given.seconds)
        gather_voices(utterances, SAMPLE_RATE, folder / "voices", num_jobs=1)
        for method in given.methods:
            fits = configuration.build({"kind": METHODS[method]})
            converted = Converted(LogMagnitude(), fits, folder / "voices", given.num_views, 0, folder / "wav")
            turns = {
                method: partial(convert_all, utterances, converted),
                f"{method}, analysed for every conversion": partial(
                    convert_all, utterances, partial(each_analysed_again, converted)
                ),
            }
            seconds = in_turns(turns, given.num_repeats, device)
            rows += compare(seconds, given.num_utterances * given.num_views * given.seconds)
    what = f"{given.num_utterances} utterances of {given.seconds:g} s, {given.num_views} conversions of each"
    print_table([what, "real-time factor, frames and wav, median (lowest to highest)", "times ours"], rows)


if __name__ == "__main__":
    main()
