"""Phones found by pocketsphinx, held against eSpeak NG's own times."""

from importlib.util import find_spec

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.commands.align import align as align_data_dir
from vcdisent.corpora.align import LETTERS, Aligner, align, spread
from vcdisent.corpora.datadir import Utterance, read_data_dir, write_data_dir
from vcdisent.corpora.espeak import Espeak, Voice
from vcdisent.corpora.timit_phones import FOLDED, UNFOLDED
from vcdisent.errors import InputError

pytestmark = pytest.mark.skipif(
    find_spec("pocketsphinx") is None, reason="pocketsphinx is missing: pip install 'vcdisent[align]'"
)
needs_espeak = pytest.mark.skipif(
    find_spec("espeakng_loader") is None, reason="espeakng_loader is missing: pip install 'vcdisent[minitimit]'"
)
TEXT = "SHE SAW SIX BIG DOGS ASLEEP ON THE BEACH"
PHONES_39 = {phone for phone in [*UNFOLDED.split(), *FOLDED.values(), "ao", "zh"] if phone not in ("dx", "sil")}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A sentence, and where eSpeak NG says that its fricatives are, in seconds."""
    path = tmp_path_factory.mktemp("spoken") / "a.wav"
    speech = Espeak().speak(TEXT.lower(), Voice("en-us", "m1"))
    audio.write(path, speech.wav, speech.sample_rate)
    return path, [start / speech.sample_rate for start, name in speech.phones if name in ("s", "S")]


@needs_espeak
def test_phones_are_where_they_are_spoken(spoken):
    path, fricatives_s = spoken
    phones = Aligner().phones(Utterance("a-1", "a", str(path), text=TEXT))
    starts, lengths, names = zip(*phones, strict=True)
    assert set(names) <= PHONES_39 | {"sil"}
    assert [name for name in names if name != "sil"][:5] == ["sh", "iy", "s", "ao", "s"]
    np.testing.assert_allclose(starts[1:], np.add(starts, lengths)[:-1], atol=1e-9, err_msg="there are gaps")
    assert starts[0] == 0 and abs(starts[-1] + lengths[-1] - audio.duration_s(path)) < 0.05
    found = [start for start, name in zip(starts, names, strict=True) if name in ("s", "sh")]
    assert len(found) == len(fricatives_s)
    assert np.median(np.abs(np.subtract(found, fricatives_s))) < 0.03


@needs_espeak
def test_an_unknown_word_holds_its_place_and_is_counted(spoken):
    path, _ = spoken
    texts = TEXT.replace("BIG", "BYGGUQ"), TEXT.replace("BIG", "byGGuq,")
    for text in texts:
        aligner = Aligner()
        names = [name for _, _, name in aligner.phones(Utterance("a-1", "a", str(path), text=text))]
        assert aligner.unknown == {"bygguq": 1}
        assert names.count("spn") == len("bygguq") and names[names.index("spn") - 1] == "s"
        assert names[len(names) - names[::-1].index("spn")] in ("d", "sil")


@needs_espeak
def test_what_cannot_be_aligned_is_listed_and_stays_without_phones(spoken, tmp_path):
    (tmp_path / "bad.wav").write_text("no recording")
    own = [
        *(Utterance("a-1", "a", str(spoken[0]), text=TEXT), Utterance("a-2", "a", str(spoken[0]))),
        *(
            Utterance("a-3", "a", str(spoken[0]), text="1984"),
            Utterance("b-1", "b", str(tmp_path / "bad.wav"), text="HI"),
        ),
    ]
    aligned, complaints, _ = align(own)
    assert [bool(utterance.phones) for utterance in aligned] == [True, False, False, False]
    assert [complaint.split(":")[0] for complaint in complaints] == ["a-3", "b-1"]
    assert "'1984' cannot be spelt" in complaints[0]


@needs_espeak
def test_a_data_dir_gets_its_phones(spoken, tmp_path, capsys):
    write_data_dir(tmp_path / "data", [Utterance(f"a-{n}", "a", str(spoken[0]), text=TEXT) for n in range(3)])
    assert align_data_dir(tmp_path / "data", tmp_path / "some", 1, 2, False) == 0
    assert "2 utterances, 18 words, 0 of them (0 different) not in the dictionary" in capsys.readouterr().out
    some = read_data_dir(tmp_path / "some")
    assert [utterance.id for utterance in some] == ["a-0", "a-2"] and all(utterance.phones for utterance in some)
    assert not any(utterance.phones for utterance in read_data_dir(tmp_path / "data"))
    assert align_data_dir(tmp_path / "data", None, 1, None, False) == 0
    assert len(read_data_dir(tmp_path / "data")[1].phones) == len(some[0].phones)


def test_a_data_dir_without_words_is_told_so(tmp_path):
    audio.write(tmp_path / "a.wav", np.zeros(1600, np.float32), 16_000)
    write_data_dir(tmp_path / "data", [Utterance("a-1", "a", str(tmp_path / "a.wav"))])
    with pytest.raises(InputError, match="has no words to align"):
        align_data_dir(tmp_path / "data", None, 1, None, False)
    with pytest.raises(InputError, match="name another data dir"):
        align_data_dir(tmp_path / "data", None, 1, 5, False)


def test_utterances_are_spread_over_all_of_a_speaker():
    own = [
        Utterance(f"{speaker}-{n:02d}", speaker, "x.wav") for speaker, num in (("a", 11), ("b", 2)) for n in range(num)
    ]
    assert [utterance.id for utterance in spread(own, 3)] == ["a-00", "a-05", "a-10", "b-00", "b-01"]


def test_every_letter_has_a_phone():
    assert len(LETTERS) == 26 and {phone.lower() for phone in LETTERS.values()} <= PHONES_39
