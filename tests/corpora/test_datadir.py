import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from vcdisent.corpora.datadir import Utterance, read_data_dir, write_data_dir
from vcdisent.errors import InputError

PHONES = ((0.0, 0.1234375, "sil"), (0.1234375, 6.25e-5, "aa"))


@pytest.fixture
def utterances(tmp_path):
    """Three utterances of two speakers, in C order, with recordings whose path has a space in it."""
    sources = []
    for k in range(3):
        sources.append(str(tmp_path / f"my recording {k}.wav"))
        sf.write(sources[-1], 0.1 * np.sin(np.arange(1_600) * (k + 1) / 10), 16_000)
    return [
        Utterance("B-1", "B", sources[0], "f", "TWO  WORDS", PHONES),
        Utterance("B-10", "B", sources[1], "f"),
        Utterance("a-1", "a", sources[2], None, "one"),
    ]


@pytest.fixture
def data_dir(tmp_path, utterances):
    write_data_dir(tmp_path / "data", reversed(utterances))
    return tmp_path / "data"


def test_writes_what_kaldi_expects(data_dir, utterances):
    assert (data_dir / "wav.scp").read_text() == "".join(f"{u.id} {u.source}\n" for u in utterances)
    assert (data_dir / "utt2spk").read_text() == "B-1 B\nB-10 B\na-1 a\n"
    assert (data_dir / "spk2utt").read_text() == "B B-1 B-10\na a-1\n"
    assert (data_dir / "spk2gender").read_text() == "B f\n"
    assert (data_dir / "text").read_text() == "B-1 TWO WORDS\na-1 one\n"
    assert (data_dir / "phones.ctm").read_text().splitlines() == [
        "B-1 1 0.0000000 0.1234375 sil",
        "B-1 1 0.1234375 0.0000625 aa",
    ]


def test_reads_back_what_it_wrote(data_dir, utterances):
    got = read_data_dir(data_dir)
    assert [u.id for u in got] == ["B-1", "B-10", "a-1"]
    assert got[0] == Utterance("B-1", "B", utterances[0].source, "f", "TWO WORDS", PHONES)
    assert got[1:] == utterances[1:]
    assert len(got[0].read(8_000)[0]) == 800


def test_writing_again_removes_what_is_no_longer_known(data_dir, utterances):
    write_data_dir(data_dir, [Utterance("a-1", "a", utterances[2].source)])
    assert sorted(path.name for path in data_dir.iterdir()) == ["spk2utt", "utt2spk", "wav.scp"]


@given(
    st.lists(st.tuples(st.text("aB0_", min_size=1, max_size=3), st.text("aB0_-", min_size=1, max_size=3)), min_size=1)
)
def test_ids_with_a_hyphen_after_the_speaker_sort_by_speaker(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("data")
    utterances = [Utterance(f"{speaker}-{name}", speaker, "x.wav") for speaker, name in set(pairs)]
    write_data_dir(path, utterances)
    got = read_data_dir(path, check_sources=False)
    assert set(got) == set(utterances)
    assert [u.speaker for u in got] == sorted(u.speaker for u in got)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("wav.scp", None, "wav.scp: cannot be read (No such file"),
        ("utt2spk", None, "utt2spk: cannot be read (No such file"),
        ("spk2utt", None, "spk2utt: cannot be read (No such file"),
        ("wav.scp", "", "wav.scp: is empty"),
        ("utt2spk", "B-1 B\nB-10 B\nB-10 B\na-1 a\n", "utt2spk line 3: B-10 was on line 2 already"),
        ("utt2spk", "B-10 B\nB-1 B\na-1 a\n", "utt2spk line 2: B-1 is out of order after B-10"),
        ("utt2spk", "B-1 B\nB-10\na-1 a\n", "utt2spk line 2: has 1 fields"),
        ("utt2spk", "B-1 B\nB-10 B x\na-1 a\n", "utt2spk line 2: has 3 fields"),
        ("utt2spk", "B-1 B\n\nB-10 B\na-1 a\n", "utt2spk line 2: has 0 fields"),
        ("utt2spk", "B-1 B\nB-10 B\na-1 b\n", "utt2spk line 3: a-1 does not start with its speaker b"),
        ("utt2spk", "B-1 B-1\nB-10 B\na-1 a\n", "utt2spk line 2: sorting by utterance puts speaker B after B-1"),
        ("utt2spk", "B-1 B\na-1 a\n", "wav.scp line 2: B-10 is not in utt2spk"),
        ("utt2spk", "B-1 B\nB-10 B\na-1 a\na-2 a\n", "utt2spk line 4: a-2 is not in wav.scp"),
        ("spk2utt", "B B-1\na a-1\n", "spk2utt line 1: utterances of B disagree with utt2spk"),
        ("spk2utt", "B B-1 B-10\n", "spk2utt: has no line for speaker a"),
        ("spk2utt", "B B-1 B-10\na a-1\nc c-1\n", "spk2utt line 3: c is not in utt2spk"),
        ("spk2gender", "B x\n", "spk2gender line 1: x is no gender"),
        ("spk2gender", "C m\n", "spk2gender line 1: C is not in spk2utt"),
        ("text", "B-2 word\n", "text line 1: B-2 is not in utt2spk"),
        ("phones.ctm", "B-1 1 0.0 0.1\n", "phones.ctm line 1: has 4 fields"),
        ("phones.ctm", "B-1 1 0.0 x sil\n", "phones.ctm line 1: 0.0 and x must be"),
        ("phones.ctm", "B-1 1 0.2 0.1 aa\nB-1 1 0.1 0.1 aa\n", "phones.ctm line 2: B-1 0.1 is out of order"),
        ("phones.ctm", "b-9 1 0.2 0.1 aa\n", "phones.ctm line 1: b-9 is not in utt2spk"),
        ("segments", "B-1 B 0 1\n", "segments: is not read"),
    ],
)
def test_names_the_file_and_the_line(data_dir, name, content, words):
    (data_dir / name).unlink(missing_ok=True)
    if content is not None:
        (data_dir / name).write_text(content)
    with pytest.raises(InputError) as caught:
        read_data_dir(data_dir)
    assert f"{data_dir}/{words}" in str(caught.value) and "\n" not in str(caught.value)


def test_refuses_text_that_is_no_utf8(data_dir):
    (data_dir / "text").write_bytes(b"B-1 caf\xe9\n")
    with pytest.raises(InputError, match="is not UTF-8"):
        read_data_dir(data_dir)


def test_names_a_recording_that_is_gone(data_dir, tmp_path):
    (tmp_path / "my recording 1.wav").unlink()
    with pytest.raises(InputError, match=r"wav.scp line 2: .*my recording 1.wav does not exist"):
        read_data_dir(data_dir)
    assert len(read_data_dir(data_dir, check_sources=False)) == 3


def test_runs_a_pipe_only_where_it_is_allowed(data_dir, utterances):
    lines = [f"{u.id} cat '{u.source}' |\n" for u in utterances]
    (data_dir / "wav.scp").write_text("".join(lines))
    with pytest.raises(InputError, match=r"wav.scp line 1: is a shell command .*--allow-pipes"):
        read_data_dir(data_dir)
    first = read_data_dir(data_dir, allow_pipes=True)[0]
    assert first.is_pipe
    np.testing.assert_array_equal(first.read()[0], utterances[0].read()[0])


@pytest.mark.parametrize(
    ("utterances", "words"),
    [
        ([], "nothing to write"),
        ([Utterance("a-1", "a", "x.wav"), Utterance("a-1", "a", "y.wav")], "a-1 is both x.wav and y.wav"),
        ([Utterance("a 1", "a", "x.wav")], "without spaces"),
        ([Utterance("a-1", "", "x.wav")], "without spaces"),
        ([Utterance("b-1", "a", "x.wav")], "does not start with its speaker"),
        ([Utterance("a-1", "a", "x.wav\n")], "cannot stand in wav.scp"),
        ([Utterance("a-1", "a", "x.wav", "female")], "gender 'female'"),
    ],
)
def test_writes_nothing_that_it_would_not_read(tmp_path, utterances, words):
    with pytest.raises(InputError, match=words):
        write_data_dir(tmp_path / "data", utterances)
    assert not (tmp_path / "data").exists()
