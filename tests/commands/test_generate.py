"""vcdisent generate writes sound and a picture, the same for the same seed, or nothing and one line."""

import numpy as np
import pytest

from vcdisent import audio


@pytest.fixture
def model(checkpoint_folder):
    return "--model", checkpoint_folder, "--device", "cpu"


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_it_says_what_it_wrote_and_writes_it_twice_the_same(vcdisent, model, tmp_path):
    words = ("generate", "--num", 2, "--seconds", 0.3, "--seed", 7, *model)
    first, second, other = (tmp_path / name for name in ("first", "second", "other"))
    ran = vcdisent(*words, "-o", first)
    said = f"{first}: 2 samples of 0.3 s, sample_01.wav to sample_02.wav, and samples.png\n"
    assert (ran.status, ran.out) == (0, said)
    assert list(contents(first)) == ["sample_01.wav", "sample_02.wav", "samples.png"]
    assert vcdisent(*words, "-o", second).status == 0
    assert contents(first) == contents(second)
    wav, sample_rate = audio.read(first / "sample_01.wav")
    assert sample_rate == 16_000 and len(wav) == 4800
    assert vcdisent(*words[:-6], "--seed", 8, *model, "-o", other).status == 0
    assert not np.array_equal(audio.read(other / "sample_01.wav")[0], wav)


def test_a_voice_or_words_may_be_given(vcdisent, model, corpus, tmp_path):
    own, another = corpus / "wav/s0/0.wav", corpus / "wav/s0/1.wav"
    ran = vcdisent("generate", "--static", own, another, "--num", 1, "--seconds", 0.2, "-o", tmp_path / "a", *model)
    assert ran.status == 0 and "1 sample of 0.2 s" in ran.out, ran
    ran = vcdisent("generate", "-o", tmp_path / "b", "--num", 1, "--dynamic", own, *model)
    assert ran.status == 0 and len(audio.read(tmp_path / "b/sample_01.wav")[0]) == 16_000, ran


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--static", "OWN", "--dynamic", "OWN"), "vcdisent convert"),
        (("--num", "0"), "1 to 100"),
        (("--seconds", "0"), "0.1 to"),
        (("--dynamic", "missing.wav"), "missing.wav"),
        (("--static", "missing.wav"), "missing.wav"),
        (("--fix", "static"), "are for video"),
        (("--num-frames", "8"), "are for video"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_nothing_is_written(vcdisent, model, corpus, tmp_path, words, named):
    given = [str(corpus / "wav/s0/0.wav") if word == "OWN" else word for word in words]
    ran = vcdisent("generate", *given, "-o", tmp_path / "out", *model)
    assert ran.status == 2 and len(ran.err.splitlines()) == 1 and named in ran.err, ran
    assert not (tmp_path / "out").exists()
