"""Judges to choose a model or a setting by: what reports a figure must have chosen nothing, so these are others."""

from collections.abc import Callable

import numpy as np

from vcdisent.evaluation.error_rates import normalise_text
from vcdisent.evaluation.extras import extra
from vcdisent.evaluation.judge import SAMPLE_RATE, DnsMosJudge, Judges, PhoneJudge


def choosing_judges(embed: Callable[[np.ndarray], np.ndarray]) -> Judges:
    """A speaker network of one's own, DNSMOS, pocketsphinx and hama.

    Args:
        embed: Embedding (D,) of wav (N,) at 16 kHz, such as that of `experiment=ecapa`.

    Raises:
        InputError: A package of theirs is not installed.
    """
    return Judges(SpeakerNetworkJudge(embed), {"dnsmos": DnsMosJudge()}, SphinxJudge(), PhoneJudge())


class SpeakerNetworkJudge:
    """Speaker similarity by a network that was trained here."""

    def __init__(self, embed: Callable[[np.ndarray], np.ndarray]) -> None:
        self.embed = embed


class SphinxJudge:
    """Words by pocketsphinx (Huggins-Daines et al., 2006), whose English model is in its package: rough, but steady."""

    def __init__(self) -> None:
        self._decoder = extra("pocketsphinx", "align").Decoder(samprate=float(SAMPLE_RATE), loglevel="FATAL")

    def transcribe(self, wav: np.ndarray) -> str:
        """Normalised words of wav (N,) at 16 kHz."""
        self._decoder.reinit_feat()  # else what it heard before has a say
        self._decoder.start_utt()
        self._decoder.process_raw((wav.clip(-1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return normalise_text(found.hypstr if found else "")
