"""Conversion keeps the source's length, loudness and pauses, needs little memory, and leaves no seams."""

import itertools
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from vcdisent import audio
from vcdisent.audio_level import level_db
from vcdisent.batches import Normaliser
from vcdisent.conversion import converter as module
from vcdisent.conversion.converter import Converter, as_loud_as
from vcdisent.conversion.ways import Ways
from vcdisent.errors import InputError
from vcdisent.features.cepstrum import smoothing
from vcdisent.features.pitch import track_f0
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import analyse, synthesise
from vcdisent.loading import load
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import Posterior, SequenceVAE
from vcdisent.vocoder.griffin_lim import GriffinLim
from vcdisent.vocoder.source_filter import SourceFilter
from vcdisent.vocoder.world import WorldVocoder

RATE, HOP = 16_000, 160
VOCODERS = ("griffin_lim", "source_filter", "world")


@pytest.fixture(scope="module")
def converters(checkpoint_folder):
    """A tiny model with each vocoder."""
    return {name: load(checkpoint_folder, "cpu", vocoder=name) for name in VOCODERS}


@pytest.fixture
def short_blocks(monkeypatch):
    """Blocks of half a second, so that a second has several."""
    monkeypatch.setattr(module, "BLOCK_S", 0.5)
    monkeypatch.setattr(module, "OVERLAP_S", 0.1)


class Copy(SequenceVAE):
    """Its dynamic code is the frames themselves: what comes out is what went in."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.segment_frames = 20

    def encode(self, x, lengths=None, normal=None):
        static = x.mean(1)
        return Posterior(Gaussian(static, torch.zeros_like(static)), Gaussian(x, torch.zeros_like(x)))

    def decode(self, static, dynamic):
        return dynamic


def copying(vocoder_class, matching=0.0, warping=0.0, strength=1.0):
    features = LogMagnitude()
    unit = Normaliser(torch.zeros(200), torch.ones(200))
    ways = Ways(strength, matching, covariance=0.0, variance=0.0, retrieval=0.0, warping=warping)
    return Converter(features, unit, Copy(), vocoder_class(features), 0.5, torch.device("cpu"), ways)


def mean_of(converter, wav):
    """Mean (F,) of the normalised frames in which somebody speaks."""
    return converter.voice([wav]).memory.frames.mean(0)


def signal_to_error_db(wanted, got):
    return 10 * np.log10(np.square(wanted).sum() / np.square(wanted - got).sum())


LENGTHS = [400, 401, 1601, 7999, 8000, 8001, 9601, 14_400, 20_011]
"""In samples: less than a block of `short_blocks`, one, a little more, several."""


@pytest.mark.parametrize(("name", "num_samples"), list(itertools.product(VOCODERS, LENGTHS)))
def test_converted_speech_is_as_long_and_as_loud_as_the_source(
    converters, short_blocks, speech, tmp_path, monkeypatch, name, num_samples
):
    # Measured in half a second by an untrained model, these are as far from a target's as can be, for every block anew.
    monkeypatch.setattr(converters[name], "ways", Ways(covariance=0.0, warping=0.0))
    source, target = speech(0, seconds=2)[500 : 500 + num_samples], speech(3)
    audio.write(tmp_path / "a.wav", source, RATE)
    wav, sample_rate = converters[name].convert(source, target)
    of_file, _ = converters[name].convert(tmp_path / "a.wav", target)
    assert sample_rate == RATE and wav.dtype == np.float32 and len(wav) == len(of_file) == num_samples
    assert np.isfinite(wav).all() and np.abs(wav).max() <= 1
    # Frames with a changed colour are those of no waveform, and what Griffin-Lim makes of them ends where it may.
    tolerance_db = 7.0 if name == "griffin_lim" else 1.0
    assert [level_db(wav), level_db(of_file)] == pytest.approx([level_db(source)] * 2, abs=tolerance_db)


@pytest.mark.parametrize("num_samples", LENGTHS)
def test_codes_have_a_frame_a_hop_and_one(converters, short_blocks, speech, num_samples):
    codes = converters["griffin_lim"].embed(speech(0, seconds=2)[:num_samples])
    assert codes.static.shape == (8,)
    assert codes.dynamic.shape == codes.dynamic_std.shape == (1 + num_samples // HOP, 4)
    assert (codes.dynamic_std > 0).all()


def test_codes_of_blocks_are_those_of_the_whole(converters, speech, monkeypatch):
    wav = speech(1, seconds=2)
    whole = converters["griffin_lim"].embed(wav)
    monkeypatch.setattr(module, "BLOCK_S", 0.5)
    pieced = converters["griffin_lim"].embed(wav)
    np.testing.assert_allclose(pieced.dynamic, whole.dynamic, atol=1e-4)
    np.testing.assert_allclose(pieced.dynamic_std, whole.dynamic_std, atol=1e-4)
    cosine = whole.static @ pieced.static / np.linalg.norm(whole.static) / np.linalg.norm(pieced.static)
    assert cosine > 0.99


@pytest.mark.parametrize("vocoder", [GriffinLim, SourceFilter, WorldVocoder])
@pytest.mark.usefixtures("short_blocks")
def test_a_model_that_changes_nothing_gives_the_source_back_without_seams(speech, vocoder):
    source = speech(1, seconds=2.1)
    wav, _ = copying(vocoder).convert(source, speech(1, take=2), "keep")
    if vocoder is GriffinLim:
        assert signal_to_error_db(source, wav) > 20
        errors = [signal_to_error_db(source[i : i + 1600], wav[i : i + 1600]) for i in range(0, 32_000, 1600)]
        assert min(errors) > 8, "no piece is out of place"
    assert level_db(wav) == pytest.approx(level_db(source), abs=0.3)
    envelope, wanted = (np.square(x[: 160 * 210]).reshape(210, 160).mean(1) for x in (wav, source))
    assert np.corrcoef(envelope, wanted)[0, 1] > 0.8  # of WORLD alone 0.88


@pytest.mark.parametrize("name", VOCODERS)
@pytest.mark.usefixtures("short_blocks")
def test_silence_stays_silent(converters, speech, name):
    """Griffin-Lim, with a model that has not learnt what silence is, is quiet in blocks that are silent throughout."""
    source = np.concatenate([speech(0), np.zeros(RATE, np.float32), speech(0, take=1, seconds=0.7)])
    wav, _ = converters[name].convert(source, speech(3))
    assert len(wav) == len(source)
    within = wav[RATE + 5000 : RATE + 9500] if name == "griffin_lim" else wav[RATE + 1000 : 2 * RATE - 1000]
    assert level_db(wav[:RATE]) - 10 * np.log10(np.square(within).mean() + 1e-12) > 50
    for part in (slice(0, RATE), slice(2 * RATE, None)):
        assert level_db(wav[part]) == pytest.approx(level_db(source[part]), abs=6.0 if name == "griffin_lim" else 1.0)


@pytest.mark.parametrize("vocoder", [GriffinLim, SourceFilter, WorldVocoder])
def test_pauses_within_a_block_stay_pauses(speech, vocoder):
    source = np.concatenate([speech(0), np.zeros(RATE // 2, np.float32), speech(0, take=1)])
    wav, _ = copying(vocoder).convert(source, speech(3))
    within = wav[RATE + 1000 : RATE + RATE // 2 - 1000]
    assert level_db(wav) - 10 * np.log10(np.square(within).mean() + 1e-12) > 50


@pytest.mark.parametrize("name", VOCODERS)
def test_the_same_each_time(converters, speech, name):
    source, target = speech(0), speech(3)
    torch.manual_seed(1)
    first, _ = converters[name].convert(source, target)
    torch.manual_seed(2)
    second, _ = converters[name].convert(source, target)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", VOCODERS)
def test_how_loud_a_recording_is_does_not_matter(converters, speech, name):
    converter, source, target = converters[name], speech(0), speech(3)
    wav, _ = converter.convert(source, target)
    quiet, _ = converter.convert(0.1 * source, target)
    assert signal_to_error_db(wav, 10 * quiet) > 30
    same, _ = converter.convert(source, 0.1 * target)
    assert signal_to_error_db(wav, same) > 30
    np.testing.assert_allclose(converter.embed(0.1 * source).static, converter.embed(source).static, atol=1e-4)


@pytest.mark.parametrize(
    ("warping", "strength", "share"), [(1.0, 1.0, 1.0), (0.5, 2.0, 0.5), (1.0, 0.5, 0.5), (1.0, 0.0, 0.0)]
)
def test_resonances_go_as_far_as_is_asked(speech, monkeypatch, warping, strength, share):
    """With the pitch kept too, and none is moved where nothing is asked."""
    monkeypatch.setattr(module, "warp_between", lambda *_: 0.12)
    source, put_in = speech(0), []
    monkeypatch.setattr(module, "moved", lambda wav, *rest: put_in.append(rest[-1]) or wav)
    copying(SourceFilter, warping=warping, strength=strength).convert(source, speech(3), "keep")
    assert put_in == ([pytest.approx(0.12 * share)] if share else [])


def test_how_far_to_warp_is_said_in_loading(checkpoint_folder):
    assert load(checkpoint_folder, "cpu", warping=0.5).ways.warping == 0.5


def test_a_warped_source_has_its_resonances_elsewhere(speech, monkeypatch):
    source = speech(0, seconds=2)
    converter = copying(SourceFilter, warping=1.0)
    monkeypatch.setattr(module, "warp_between", lambda *_: 0.15)
    wav, _ = converter.convert(source, speech(3), "keep")
    high = np.abs(np.fft.rfft(source)), np.abs(np.fft.rfft(wav))
    own, warped = (np.average(np.arange(len(x)), weights=x) for x in high)
    assert warped > 1.05 * own


@pytest.mark.filterwarnings("error")
def test_a_block_of_silence_has_nothing_to_move(speech, monkeypatch, short_blocks):
    monkeypatch.setattr(module, "warp_between", lambda *_: 0.12)
    source = np.concatenate([np.zeros(2 * RATE, np.float32), speech(0)])
    wav, _ = copying(SourceFilter, warping=1.0).convert(source, speech(3))
    assert not wav[:RATE].any() and np.isfinite(wav).all()


def test_pauses_rise_no_more_than_speech(speech, monkeypatch):
    noise = 0.001 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    source = np.concatenate([speech(0), noise, speech(0, take=1)])
    raises_pauses = lambda change, x: x + 2.0 * ~change.is_spoken(x).unsqueeze(1)  # noqa: E731
    monkeypatch.setattr(module.Change, "__call__", raises_pauses)
    wav, _ = copying(SourceFilter).convert(source, speech(3), "keep")
    within = slice(RATE + 3000, 2 * RATE - 3000)
    own_db, now_db = (10 * np.log10(np.square(x[within]).mean()) for x in (source, wav))
    assert now_db == pytest.approx(own_db, abs=1.0)  # without, 17 dB more


def test_several_targets_are_averaged(converters, speech):
    converter = converters["world"]
    one, two = speech(2), speech(3)
    both = converter.voice([one, two])
    mean = (converter.voice([one]).static + converter.voice([two]).static) / 2
    torch.testing.assert_close(both.static, mean)
    low, high = (converter.voice([wav]).pitch.log_mean for wav in (one, two))
    assert low < both.pitch.log_mean < high
    wav, _ = converter.convert(speech(0), [one, two])
    single, _ = converter.convert(speech(0), [one])
    assert not np.allclose(wav, single)
    with pytest.raises(InputError, match="at least one"):
        converter.convert(speech(0), [])


def test_a_target_may_be_a_path_an_array_or_several(converters, speech, tmp_path):
    converter = converters["griffin_lim"]
    audio.write(tmp_path / "t.flac", speech(3), RATE)
    expected, _ = converter.convert(speech(0), audio.read(tmp_path / "t.flac")[0])
    for target in (tmp_path / "t.flac", str(tmp_path / "t.flac"), (tmp_path / "t.flac",)):
        np.testing.assert_array_equal(converter.convert(speech(0), target)[0], expected)


def test_to_its_own_voice_is_the_resynthesis_of_the_source(converters, speech):
    source = speech(0, take=1)
    wav, _ = converters["world"].convert(source, source)
    copy = synthesise(analyse(source, RATE, 5.0, num_bands=None), RATE, 5.0, len(source))
    assert signal_to_error_db(as_loud_as(copy, source, RATE), wav) > 25


def test_strength_is_how_far_from_one_voice_to_the_other(checkpoint_folder, speech):
    source, target = speech(0), speech(3)
    features, results, nothing = LogMagnitude(), {}, {"matching": 0.0, "covariance": 0.0, "variance": 0.0}
    for strength in (0.0, 1.0, 2.0):
        converter = load(checkpoint_folder, "cpu", "source_filter", strength=strength, **nothing)
        wav, _ = converter.convert(source, target, pitch="keep")
        results[strength] = features(torch.from_numpy(wav).unsqueeze(0))[0].mean(0)
    own = features(torch.from_numpy(source).unsqueeze(0))[0].mean(0)
    changes = {strength: (mean - own - (mean - own).mean()).norm() for strength, mean in results.items()}
    assert changes[0.0] < 0.5 * changes[1.0] < 0.5 * changes[2.0]
    assert load(checkpoint_folder, "cpu").ways.strength == 1.0


@pytest.mark.parametrize("vocoder", [SourceFilter, WorldVocoder])
def test_matching_gives_the_targets_mean_colour_whatever_the_model_does(vocoder):
    source = (0.05 * np.random.default_rng(0).standard_normal(2 * RATE)).astype(np.float32)
    target = np.convolve(source, [1, 0.6], "same").astype(np.float32)
    converter = copying(vocoder, matching=1.0)
    lifter = smoothing(200, 20)
    colour = {}
    for name, wav in {"source": source, "target": target, "made": converter.convert(source, target, "keep")[0]}.items():
        mean = mean_of(converter, wav) @ lifter
        colour[name] = mean - mean.mean()
    assert (colour["made"] - colour["target"]).norm() < 0.4 * (colour["source"] - colour["target"]).norm()
    converter.ways = replace(converter.ways, strength=0.5)
    half = mean_of(converter, converter.convert(source, target, "keep")[0]) @ lifter
    middle = (colour["source"] + colour["target"]) / 2
    assert (half - half.mean() - middle).norm() < 0.4 * (colour["source"] - colour["target"]).norm()
    converter.ways = replace(converter.ways, strength=0.0)
    kept = mean_of(converter, converter.convert(source, target, "keep")[0]) @ lifter
    assert (kept - kept.mean() - colour["source"]).norm() < 0.35 * (colour["source"] - colour["target"]).norm()


@pytest.mark.parametrize("hush", [0.0, 1e-4], ids=["silence", "noise"])
def test_long_pauses_do_not_colour_a_voice(converters, short_blocks, speech, hush):
    converter = converters["source_filter"]
    said = speech(0, seconds=2) + 1e-3 * np.random.default_rng(1).standard_normal(2 * RATE).astype(np.float32)
    pause = hush * np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    alone, paused = (mean_of(converter, wav) for wav in (said, np.concatenate([said, pause])))
    other = mean_of(converter, speech(3, seconds=2))
    assert (paused - alone).norm() < 0.25 * (other - alone).norm()


def test_pitch_moves_in_blocks_as_in_one_piece(speech, monkeypatch):
    source, converter = speech(1, seconds=2.1), copying(SourceFilter)
    whole, _ = converter.convert(source, speech(3), 2.0)
    monkeypatch.setattr(module, "BLOCK_S", 0.5)
    monkeypatch.setattr(module, "OVERLAP_S", 0.1)
    pieced, _ = converter.convert(source, speech(3), 2.0)
    energies = [np.square(wav[: 160 * 210]).reshape(210, 160).mean(1) for wav in (whole, pieced)]
    assert len(pieced) == len(whole) and np.corrcoef(*energies)[0, 1] > 0.95
    tracks = [track_f0(wav, RATE) for wav in (whole, pieced)]
    both = (tracks[0] > 0) & (tracks[1] > 0)
    assert both.sum() > 50 and np.median(np.abs(np.log2(tracks[1][both] / tracks[0][both]))) < 0.02


@pytest.mark.parametrize("name", ["source_filter", "world", "griffin_lim"])
def test_pitch_goes_to_the_target(converters, speech, name):
    """The pitch of speaker 3 is more than an octave above that of speaker 0."""
    converter = converters[name]
    wav, _ = converter.convert(speech(0, seconds=2), speech(3, seconds=2))
    low, high, moved = (converter.voice([x]).pitch.log_mean for x in (speech(0), speech(3), wav))
    assert abs(moved - high) < 0.2 * (high - low)


def test_another_rate_and_two_channels(converters, speech, tmp_path):
    wav = speech(0, seconds=1.001, sample_rate=48_000)
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.stack([wav, 0.5 * wav], axis=1), 48_000)
    converted, sample_rate = converters["griffin_lim"].convert(tmp_path / "a.wav", speech(3))
    assert sample_rate == 48_000 and abs(len(converted) - len(wav)) <= 2
    assert level_db(converted, 48_000) == pytest.approx(level_db(0.75 * wav, 48_000), abs=0.5)


def test_memory_does_not_grow_with_the_source(converters, short_blocks, speech, tmp_path, monkeypatch):
    converter = converters["griffin_lim"]
    monkeypatch.setattr(converter.vocoder, "num_iterations", 1)
    target, peaks = converter.voice([speech(3)]), []
    for seconds in (40, 80):  # more than twice the 16 s that are decoded at a time
        audio.write(tmp_path / "a.wav", np.tile(speech(0), seconds), RATE)
        num_samples = 0
        tracemalloc.start()
        for piece in converter.convert_blocks(tmp_path / "a.wav", target):
            num_samples += len(piece)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert num_samples == seconds * RATE
    assert peaks[1] < 1.3 * peaks[0] + 100_000


def test_a_file_is_read_in_blocks_and_given_out_as_they_come(converters, short_blocks, speech, tmp_path, monkeypatch):
    audio.write(tmp_path / "a.wav", np.tile(speech(0), 4), RATE)
    sizes = []
    vocode = converters["griffin_lim"].vocoder.vocode
    monkeypatch.setattr(
        converters["griffin_lim"].vocoder, "vocode", lambda x, **more: sizes.append(len(x[0])) or vocode(x, **more)
    )
    pieces = converters["griffin_lim"].convert_blocks(tmp_path / "a.wav", converters["griffin_lim"].voice([speech(3)]))
    first = next(pieces)
    assert len(sizes) == 1 and 0 < len(first) < 0.5 * RATE
    assert len(first) + sum(map(len, pieces)) == 4 * RATE
    assert max(sizes) == 51 and len(sizes) == 10


def test_scores_are_cosines_and_a_recording_is_like_itself(converters, speech):
    converter = converters["griffin_lim"]
    assert converter.score(speech(0), speech(0)) == pytest.approx(1)
    score = converter.score(speech(0), speech(3))
    assert -1 <= score < 1 and score == pytest.approx(converter.score(speech(3), speech(0)))


@pytest.mark.parametrize(
    "wav",
    [np.full(RATE, np.nan, np.float32), np.zeros((RATE, 2), np.float32), np.array(0.1)],
    ids=["NaN", "two channels", "one number"],
)
def test_arrays_that_cannot_be_used_are_refused(converters, speech, wav):
    converter = converters["griffin_lim"]
    for call in (converter.embed, lambda x: converter.convert(x, speech(0)), lambda x: converter.convert(speech(0), x)):
        with pytest.raises(InputError):
            call(wav)


def test_arrays_of_other_floats_are_taken(converters, speech):
    static = converters["griffin_lim"].embed(speech(0).astype(np.float64)).static
    np.testing.assert_allclose(static, converters["griffin_lim"].embed(speech(0)).static, atol=1e-6)


def test_loudness_is_limited_by_full_scale():
    source = np.tile([0.9, -0.9], 4000).astype(np.float32)
    peaky = np.zeros(8000, np.float32)
    peaky[::100] = 0.5
    assert np.abs(as_loud_as(peaky, source, RATE)).max() == pytest.approx(1)
    assert not as_loud_as(peaky, np.zeros(8000, np.float32), RATE).any()
    assert not as_loud_as(np.zeros(8000, np.float32), source, RATE).any()


def test_what_limiting_takes_of_the_level_is_made_up_for(speech):
    source = 4 * speech(0, seconds=2)
    burst = speech(3, seconds=2)
    burst[8000:9000] *= 12
    made = as_loud_as(burst, source, RATE)
    assert np.abs(made).max() == pytest.approx(1, abs=0.01) and np.abs(made).max() <= 1
    assert level_db(made, RATE) == pytest.approx(level_db(source, RATE), abs=0.1)
