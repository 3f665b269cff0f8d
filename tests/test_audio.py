import io
import itertools
import struct

import numpy as np
import pytest
import soundfile as sf

from vcdisent import audio
from vcdisent.audio_level import limited
from vcdisent.errors import InputError


def tone(sample_rate=16_000, seconds=1.0, amplitude=0.5, hz=440.0):
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    return (amplitude * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


def noise(num_samples=48_000, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(num_samples)).astype(np.float32)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "opus", "mp3", "sph"])
def test_reads_back_what_it_wrote(tmp_path, suffix):
    audio.write(tmp_path / f"a.{suffix}", tone(), 16_000)
    wav, sample_rate = audio.read(tmp_path / f"a.{suffix}")
    assert sample_rate == 16_000 and wav.dtype == np.float32 and wav.ndim == 1
    assert abs(len(wav) - 16_000) < 2_500  # mp3 pads its ends
    assert audio.level_db(wav) == pytest.approx(audio.level_db(tone()), abs=0.5)


def test_sphere_is_read_under_any_suffix(tmp_path):
    audio.write(tmp_path / "SA1.WAV", tone(), 16_000, container="sph")
    assert (tmp_path / "SA1.WAV").read_bytes().startswith(b"NIST_1A")
    wav, _ = audio.read(tmp_path / "SA1.WAV")
    np.testing.assert_allclose(wav, tone(), atol=1e-4)


@pytest.mark.parametrize("sample_rate", [3_000, 8_000, 44_100, 48_000])
def test_resamples(tmp_path, sample_rate):
    sf.write(tmp_path / "a.wav", tone(sample_rate), sample_rate)
    wav, got_rate = audio.read(tmp_path / "a.wav", 16_000)
    assert got_rate == 16_000 and len(wav) == 16_000
    np.testing.assert_allclose(wav[2_000:-2_000], tone()[2_000:-2_000], atol=2e-3)


def test_averages_eight_channels(tmp_path):
    channels = np.stack([k * tone() / 8 for k in range(8)], axis=1)
    sf.write(tmp_path / "a.wav", channels, 16_000)
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav")[0], channels.mean(axis=1), atol=1e-4)


def test_reads_a_part(tmp_path):
    sf.write(tmp_path / "a.wav", noise(), 16_000, subtype="FLOAT")
    wav, _ = audio.read(tmp_path / "a.wav", start_s=0.5, duration_s=1.0)
    np.testing.assert_array_equal(wav, noise()[8_000:24_000])
    tail, _ = audio.read(tmp_path / "a.wav", start_s=2.5, duration_s=9.0)
    np.testing.assert_array_equal(tail, noise()[40_000:])


def test_a_part_may_be_silent_but_not_empty(tmp_path):
    sf.write(tmp_path / "a.wav", np.concatenate([np.zeros(16_000), noise()]), 16_000)
    assert not audio.read(tmp_path / "a.wav", duration_s=0.5)[0].any()
    with pytest.raises(InputError, match="too short"):
        audio.read(tmp_path / "a.wav", start_s=99)


def assert_refused(path, words):
    with pytest.raises(InputError) as caught:
        audio.read(path, 16_000)
    line = str(caught.value)
    assert str(path) in line and "\n" not in line and words in line


def test_refuses_a_missing_file_and_a_folder(tmp_path):
    assert_refused(tmp_path / "no.wav", "No such file")
    assert_refused(tmp_path, "Is a directory")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.wav", b"", "is empty"),
        ("a.wav", b"hello world " * 999, "is no recording"),
        ("a.mp3", b"hello world " * 999, "is no recording"),
        ("a.vox", b"hello world " * 999, "is no recording"),
        ("a.raw", b"\x01\x02" * 9_999, "is no recording"),
        ("a.wav", b"RIFF", "is no recording"),
        ("a.wav", b"NIST_1A\n   1024\nsample_coding -s26 pcm,embedded-shorten-v2.00\n" + b" " * 9_999, "sph2pipe"),
    ],
)
def test_refuses_what_is_no_audio(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    assert_refused(tmp_path / name, words)


@pytest.mark.parametrize(
    ("wav", "words"),
    [
        (np.zeros(16_000), "is silent"),
        (np.full(16_000, 2.0**-15), "is silent"),
        (np.full(1, 0.5), "too short (1 sample "),
        (np.full(399, 0.5), "at least 25 ms"),
        (np.full(16_000, np.nan), "NaN"),
        (np.append(noise(), np.inf), "infinity"),
    ],
)
def test_refuses_a_bad_signal(tmp_path, wav, words):
    sf.write(tmp_path / "a.wav", wav, 16_000, subtype="FLOAT")
    assert_refused(tmp_path / "a.wav", words)
    with pytest.raises(InputError, match=r"a\.wav"):
        list(audio.blocks(tmp_path / "a.wav", 16_000, 0.5))


def test_tells_channels_that_cancel_each_other_from_silence(tmp_path):
    sf.write(tmp_path / "a.wav", np.stack([tone(), -tone()], axis=1), 16_000)
    assert_refused(tmp_path / "a.wav", "its channels cancel each other: keep one (sox ")
    with pytest.raises(InputError, match="cancel each other"):
        list(audio.blocks(tmp_path / "a.wav", 16_000, 0.5))
    sf.write(tmp_path / "b.wav", np.zeros((16_000, 2)), 16_000)
    assert_refused(tmp_path / "b.wav", "is silent")


def test_accepts_the_shortest(tmp_path):
    sf.write(tmp_path / "a.wav", tone()[:400], 16_000)
    assert len(audio.read(tmp_path / "a.wav")[0]) == 400


@pytest.mark.parametrize("suffix", ["wav", "flac", "sph", "opus", "ogg"])
@pytest.mark.parametrize("share", [0.5, 0.98])
def test_refuses_a_truncated_file(tmp_path, suffix, share):
    path = tmp_path / f"a.{suffix}"
    audio.write(path, noise(), 16_000)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert_refused(path, "copy it again")
    with pytest.raises(InputError, match="copy it again"):
        list(audio.blocks(path, 8_000, 0.5))


TRUNCATED = [
    *(("AIFF", None), ("AIFF", "ALAW"), ("AU", None), ("AU", "ULAW"), ("W64", None), ("RF64", None)),
    *(("CAF", None), ("MP3", None)),
]
"""Containers and codings that libsndfile writes."""


@pytest.mark.parametrize(("container", "subtype"), TRUNCATED)
def test_a_truncated_file_of_another_container_is_told(tmp_path, container, subtype):
    path = tmp_path / f"a.{container.lower()}"
    sf.write(path, noise(), 16_000, format=container, subtype=subtype)
    whole = path.read_bytes()
    assert len(audio.read(path)[0]) == audio.duration_s(path) * 16_000 == 48_000
    for share in (0.5, 0.98):
        path.write_bytes(whole[: int(share * len(whole))])
        for use in (audio.read, audio.duration_s):
            with pytest.raises(InputError, match="is truncated"):
                use(path)


def mp3_bytes(tag=b"", flags=None):
    """An MP3 of three seconds behind an ID3 tag; `flags` of its Xing header take away counts."""
    stream = io.BytesIO()
    sf.write(stream, noise(), 16_000, format="MP3")
    content = bytearray(stream.getvalue())
    if flags is not None:
        content[content.find(b"Xing") + 7] = flags
    return tag + bytes(content)


def test_a_tag_before_an_mp3_does_not_hide_its_promise(tmp_path):
    tag = b"ID3\x04\0\0" + bytes([0, 0, 2, 3]) + bytes(2 * 128 + 3)
    (tmp_path / "a.mp3").write_bytes(mp3_bytes(tag))
    assert len(audio.read(tmp_path / "a.mp3")[0]) == 48_000
    (tmp_path / "a.mp3").write_bytes(mp3_bytes(tag)[:-100])
    assert_refused(tmp_path / "a.mp3", "is truncated")


def test_an_mp3_that_counts_its_frames_alone_is_held_to_them(tmp_path):
    """Without the other counts, what is read of the header after its first is not what it was; a whole file is read."""
    (tmp_path / "a.mp3").write_bytes(mp3_bytes(flags=1))
    assert len(audio.read(tmp_path / "a.mp3")[0]) >= 48_000
    (tmp_path / "a.mp3").write_bytes(mp3_bytes(flags=1)[:6000])
    assert_refused(tmp_path / "a.mp3", "is truncated")


def test_an_mp3_without_counts_is_read_as_far_as_it_goes(tmp_path):
    (tmp_path / "a.mp3").write_bytes(mp3_bytes(flags=0)[:6000])
    assert 10_000 < len(audio.read(tmp_path / "a.mp3")[0]) < 32_000


@pytest.mark.parametrize(("container", "at"), [("AU", 8), ("AIFF", 42)])
@pytest.mark.parametrize("promised", [0x7FFFF000, 0xFFFFFFFF])
def test_a_size_that_a_pipe_leaves_in_another_container_is_no_promise(tmp_path, container, at, promised):
    path = tmp_path / f"a.{container.lower()}"
    sf.write(path, noise(), 16_000, format=container)
    content = bytearray(path.read_bytes())
    struct.pack_into(">I", content, at, promised)
    path.write_bytes(content)
    assert len(audio.read(path)[0]) == 48_000


def wav_bytes(promised, before=b""):
    """A 16-bit RIFF file of one second whose data chunk promises so many bytes."""
    samples = (tone() * 32_767).astype("<i2").tobytes()
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)
    body = b"WAVE" + form + before + b"data" + struct.pack("<I", promised) + samples
    return b"RIFF" + struct.pack("<I", min(promised + 36, 0xFFFFFFFF)) + body


@pytest.mark.parametrize("promised", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_accepts_the_size_that_a_pipe_leaves(tmp_path, promised):
    (tmp_path / "a.wav").write_bytes(wav_bytes(promised))
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav")[0], tone(), atol=1e-4)
    assert audio.duration_s(tmp_path / "a.wav") == 1.0


def test_finds_the_data_behind_other_chunks(tmp_path):
    note = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"
    (tmp_path / "good.wav").write_bytes(wav_bytes(32_000, note))
    assert len(audio.read(tmp_path / "good.wav")[0]) == 16_000
    (tmp_path / "short.wav").write_bytes(wav_bytes(32_002, note))
    assert_refused(tmp_path / "short.wav", "promises 32002 bytes of samples, the file has 32000")


def test_reads_a_pipe(tmp_path):
    sf.write(tmp_path / "a.wav", tone(8_000), 8_000)
    wav, sample_rate = audio.read_pipe(f"cat '{tmp_path / 'a.wav'}' |", 16_000)
    assert sample_rate == 16_000 and len(wav) == 16_000


@pytest.mark.parametrize(
    ("command", "words"),
    [("echo sorry >&2; exit 3 |", "exit status 3 (sorry)"), ("true |", "empty"), ("date", "recording")],
)
def test_refuses_a_bad_pipe(command, words):
    with pytest.raises(InputError) as caught:
        audio.read_pipe(command)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("sample_rate", [16_000, 44_100])
@pytest.mark.parametrize("block_s", [0.3, 1.0, 60.0])
def test_blocks_join_to_the_whole(tmp_path, monkeypatch, sample_rate, block_s):
    monkeypatch.setattr(audio, "PIECE_SAMPLES", 7_777)
    sf.write(tmp_path / "a.flac", noise(2 * sample_rate + 321), sample_rate)
    whole, _ = audio.read(tmp_path / "a.flac", 16_000)
    got = list(audio.blocks(tmp_path / "a.flac", 16_000, block_s))
    assert {len(block) for block in got[:-1]} <= {round(block_s * 16_000)}
    np.testing.assert_allclose(np.concatenate(got), whole, atol=1e-6)


@pytest.mark.parametrize("num_samples", [8_000, 20_000, 32_000])
def test_blocks_overlap(tmp_path, num_samples):
    sf.write(tmp_path / "a.wav", noise(num_samples), 16_000, subtype="FLOAT")
    got = list(audio.blocks(tmp_path / "a.wav", 16_000, 0.5, overlap_s=0.1))
    for left, right in itertools.pairwise(got):
        np.testing.assert_array_equal(left[-1_600:], right[:1_600])
    np.testing.assert_array_equal(np.concatenate([got[0], *(block[1_600:] for block in got[1:])]), noise(num_samples))


def test_level_leaves_pauses_out():
    speech = np.concatenate([np.zeros(32_000, np.float32), tone(amplitude=0.1)])
    assert audio.level_db(speech) == pytest.approx(10 * np.log10(0.1**2 / 2), abs=0.01)
    assert audio.level_db(np.zeros(16_000)) == -np.inf
    assert audio.level_db(np.zeros(0)) == -np.inf


def test_level_can_be_set_as_far_as_the_peak_allows():
    assert audio.level_db(audio.set_level(tone(), -26.0)) == pytest.approx(-26.0, abs=1e-3)
    loudest = audio.set_level(tone(), 20.0)
    assert np.abs(loudest).max() == pytest.approx(1.0) and loudest.dtype == np.float32
    assert not audio.set_level(np.zeros(100, np.float32), -26.0).any()


def test_a_failed_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "new" / "a.wav"
    audio.write(path, tone(), 16_000)
    before = path.read_bytes()
    with pytest.raises(RuntimeError), audio.Writer(path, 16_000) as writer:
        writer.write(noise())
        raise RuntimeError
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


def test_writer_joins_pieces_and_clips(tmp_path):
    with audio.Writer(tmp_path / "a.flac", 16_000) as writer:
        assert not (tmp_path / "a.flac").exists()
        writer.write(noise())
        writer.write(np.full(400, 3.0, np.float32))
    wav, _ = audio.read(tmp_path / "a.flac")
    np.testing.assert_allclose(wav[:48_000], noise(), atol=1e-4)
    np.testing.assert_allclose(wav[48_000:], 1.0, atol=1e-4)


def test_refuses_what_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="unknown kind of recording 'doc': use one of wav"):
        audio.write(tmp_path / "a.doc", tone(), 16_000)
    with pytest.raises(InputError, match="Opus does not take 44100 Hz"):
        audio.write(tmp_path / "a.opus", tone(), 44_100)
    with pytest.raises(InputError, match="it is a folder"):
        (tmp_path / "b.wav").mkdir()
        audio.write(tmp_path / "b.wav", tone(), 16_000)
    with pytest.raises(ValueError, match="NaN"):
        audio.write(tmp_path / "c.wav", np.array([np.nan]), 16_000)
    assert [path.name for path in tmp_path.iterdir()] == ["b.wav"]


def test_says_when_a_flac_does_not_give_its_length(tmp_path):
    stream = io.BytesIO()
    sf.write(stream, tone(), 16_000, format="FLAC")
    content = bytearray(stream.getvalue())
    content[21] &= 0xF0  # STREAMINFO: 36 bits of total samples end at byte 26; 0 means unknown
    content[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(content)
    assert_refused(tmp_path / "a.flac", "does not give its length")


@pytest.mark.parametrize("rates", [(16_000, 44_100), (48_000, 16_000), (16_000, 16_000)])
def test_pieces_are_resampled_as_if_they_were_whole(rates):
    wav = np.random.default_rng(0).standard_normal(5_000).astype(np.float32)
    pieces = [wav[:1], wav[1:1_300], wav[1_300:1_300], wav[1_300:]]
    np.testing.assert_allclose(
        np.concatenate(list(audio.resampled(pieces, *rates))), audio.resample(wav, *rates), atol=1e-5
    )


def test_a_peak_is_limited_and_nothing_else() -> None:
    wav = 0.5 * tone()
    wav[8000:8040] *= 5
    got = limited(wav)
    assert got.dtype == wav.dtype and 0.99 < np.abs(got).max() <= 1
    far = np.abs(np.arange(len(wav)) - 8020) > 250
    np.testing.assert_array_equal(got[far], wav[far])
    near = slice(7850, 8190)
    gain = got[near] / np.where(wav[near] == 0, 1, wav[near])
    assert gain[wav[near] != 0].min() > 0.3 and np.abs(np.diff(gain[wav[near] != 0])).max() < 0.05
    assert limited(0.5 * tone()) is not None and len(limited(np.zeros(0, np.float32))) == 0


@pytest.mark.parametrize("num_samples", [1, 3, 100])
def test_short_pieces_are_limited_too(num_samples: int) -> None:
    assert np.abs(limited(np.full(num_samples, 3.0, np.float32))).max() == pytest.approx(1.0)
