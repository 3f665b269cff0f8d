from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from vcdisent import audio
from vcdisent.corpora import librispeech
from vcdisent.corpora.datadir import Utterance, read_data_dir, write_data_dir
from vcdisent.corpora.recode import recode
from vcdisent.corpora.trials import read_trials, write_trials
from vcdisent.errors import InputError

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"


def voice(sample_rate, seconds=2.0):
    """Something with the bandwidth and the modulation of speech."""
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    harmonics = sum(np.sin(2 * np.pi * 120 * k * time_s + k * k) / k for k in range(1, 30) if 240 * k < sample_rate)
    return (0.1 * harmonics * (1 + np.sin(2 * np.pi * 4 * time_s))).astype(np.float32)


@pytest.fixture
def data_dir(tmp_path):
    utterances = []
    for k, sample_rate in enumerate([16_000, 44_100]):
        for speaker in "ab":
            path = tmp_path / f"{speaker}{k}.wav"
            sf.write(path, voice(sample_rate), sample_rate)
            utterances.append(Utterance(f"{speaker}-{k}", speaker, str(path), "f", "WORDS", ((0.0, 0.5, "aa"),)))
    write_data_dir(tmp_path / "data", utterances)
    write_trials(tmp_path / "data/trials", utterances)
    return tmp_path / "data"


@pytest.mark.parametrize("container", ["opus", "flac", "wav"])
def test_writes_every_recording_again(data_dir, tmp_path, container, capsys):
    got = recode(data_dir, tmp_path / "out", container)
    assert got == read_data_dir(tmp_path / "out")
    assert f"{tmp_path / 'out'}: 4 utterances, 2 speakers" in capsys.readouterr().out
    for old, new in zip(read_data_dir(data_dir), got, strict=True):
        assert (new.id, new.gender, new.text, new.phones) == (old.id, old.gender, old.text, old.phones)
        assert new.source == str(tmp_path / f"out/wav/{new.speaker}/{new.id}.{container}")
        (before, rate), (after, new_rate) = old.read(), new.read()
        assert new_rate == (48_000 if (container, rate) == ("opus", 44_100) else rate)
        assert len(after) == pytest.approx(len(before) * new_rate / rate, abs=2)
        if container == "opus":
            assert audio.level_db(after, new_rate) == pytest.approx(audio.level_db(before, rate), abs=0.5)
        else:
            np.testing.assert_array_equal(after, before)
    assert (tmp_path / "out/trials").read_text() == (data_dir / "trials").read_text()


def test_leaves_out_what_it_cannot_read_and_its_trials(data_dir, tmp_path):
    (tmp_path / "a0.wav").unlink()
    skipped = []
    got = recode(data_dir, tmp_path / "out", "flac", skipped)
    assert [u.id for u in got] == ["a-1", "b-0", "b-1"] and len(skipped) == 1 and "a0.wav" in skipped[0]
    pairs, _ = read_trials(tmp_path / "out/trials")
    assert sorted(pairs) == [("a-1", "b-1"), ("b-0", "a-1"), ("b-0", "b-1")]


def test_runs_shell_commands_only_where_it_may(data_dir, tmp_path):
    before = read_data_dir(data_dir)
    piped = [Utterance(u.id, u.speaker, f"cat {u.source} |") for u in before]
    write_data_dir(tmp_path / "piped", piped)
    with pytest.raises(InputError, match=r"wav.scp line 1: is a shell command .* pass --allow-pipes"):
        recode(tmp_path / "piped", tmp_path / "out", "wav")
    after = recode(tmp_path / "piped", tmp_path / "out", "wav", allow_pipes=True)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new.read()[0], old.read()[0])


def test_refuses_another_format_and_itself(data_dir, tmp_path):
    with pytest.raises(InputError, match="'mp3' is unknown: use one of opus, flac, wav"):
        recode(data_dir, tmp_path / "out", "mp3")
    with pytest.raises(InputError, match="is the data dir to be recoded"):
        recode(data_dir, data_dir, "wav")


def test_copies_at_other_speeds_are_of_further_speakers(data_dir, tmp_path):
    got = {u.id: u for u in recode(data_dir, tmp_path / "out", "wav", speeds=[0.8, 1, 1.25])}
    assert sorted(got) == sorted(p + u.id for u in read_data_dir(data_dir) for p in ("", "sp0.8-", "sp1.25-"))
    slow, own, fast = (got[prefix + "a-0"] for prefix in ("sp0.8-", "", "sp1.25-"))
    assert [u.speaker for u in (slow, own, fast)] == ["sp0.8-a", "a", "sp1.25-a"] and fast.text == "WORDS"
    assert fast.phones == ((0.0, 0.4, "aa"),) and own.phones == ((0.0, 0.5, "aa"),)
    for utterance, speed in ((slow, 0.8), (own, 1), (fast, 1.25)):
        wav, rate = utterance.read()
        assert len(wav) == pytest.approx(2 * rate / speed, abs=2)
        spectrum = np.abs(np.fft.rfft(wav[: 2 * rate // 2] * np.hanning(rate)))  # a bin a hertz
        assert np.argmax(spectrum) == pytest.approx(120 * speed, abs=6)  # its loudness is modulated by 4 Hz
    pairs, _ = read_trials(tmp_path / "out/trials")
    assert len(pairs) == 6  # those of the recordings at their own speed


@pytest.mark.parametrize("speeds", [[], [1, 1], [0.4], [float("nan")]])
def test_refuses_speeds_that_are_none(data_dir, tmp_path, speeds):
    with pytest.raises(InputError, match=r"give different ones from 0\.5 to 2"):
        recode(data_dir, tmp_path / "out", "wav", speeds=speeds)


@pytest.mark.skipif(not (SHARED / "speech").is_dir(), reason="needs ../shared/data/speech")
def test_opus_has_the_bit_rate_of_the_training_data(tmp_path):
    real = librispeech.prepare(SHARED / "speech", tmp_path / "data")
    write_data_dir(tmp_path / "some", real["dev"][::12])
    got = recode(tmp_path / "some", tmp_path / "out", "opus")

    def kbit_per_s(utterances):
        num_bytes = sum(Path(u.source).stat().st_size for u in utterances)
        return 8e-3 * num_bytes / sum(audio.duration_s(u.source) for u in utterances)

    assert kbit_per_s(got) == pytest.approx(kbit_per_s(real["train"][::50]), abs=1.5)
