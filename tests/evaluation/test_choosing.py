"""Judges to choose by are not those that report."""

import numpy as np
import pytest

from vcdisent.evaluation.choosing import SphinxJudge, choosing_judges
from vcdisent.evaluation.judge import PhoneJudge


def test_what_was_heard_before_has_no_say() -> None:
    pytest.importorskip("pocketsphinx", reason="the extra align is not installed")
    judge, noise = SphinxJudge(), np.random.default_rng(0).standard_normal((3, 16000)).astype(np.float32)
    first = judge.transcribe(0.1 * noise[0])
    judge.transcribe(0.9 * noise[1])
    judge.transcribe(0.001 * noise[2].cumsum())
    assert judge.transcribe(0.1 * noise[0]) == first


def test_they_are_a_network_of_ones_own_and_others_than_report() -> None:
    for package in ("pocketsphinx", "speechmos", "hama"):
        pytest.importorskip(package, reason="the extras judge and align are not installed")
    judges = choosing_judges(lambda wav: wav[:3])
    np.testing.assert_array_equal(judges.voice.embed(np.arange(5.0)), [0, 1, 2])
    assert list(judges.qualities) == ["dnsmos"]
    assert isinstance(judges.words, SphinxJudge)
    assert isinstance(judges.phones, PhoneJudge)
