"""Speech from the prior: the same seed gives the same, a given code is kept, what makes no sense is refused."""

import numpy as np
import pytest
import torch

from vcdisent.audio_level import level_db
from vcdisent.conversion.generation import LEVEL_DB, check_request, decoded, draw_codes
from vcdisent.errors import InputError
from vcdisent.loading import load

RATE, HOP = 16_000, 160


@pytest.fixture(scope="module")
def converter(checkpoint_folder):
    return load(checkpoint_folder, "cpu")


@pytest.fixture
def model(make_model):
    return make_model().eval()


def test_codes_are_standard_and_of_the_prior(model):
    s, z = draw_codes(model, 100, 7, None, None, seed=0)
    assert s.shape == (100, 6) and z.shape == (100, 7, 4)
    assert s.mean().abs() < 0.15 and s.std() == pytest.approx(1, abs=0.1)
    with torch.no_grad():
        likely = model.prior(z).log_prob(z).sum((1, 2)).mean()
        shuffled = model.prior(z[:, [3, 0, 6, 2, 5, 1, 4]] + 2).log_prob(z[:, [3, 0, 6, 2, 5, 1, 4]] + 2).sum((1, 2))
    assert likely > shuffled.mean()


def test_more_and_longer_than_the_training_segments(model):
    s, z = draw_codes(model, 2, 5 * model.segment_frames, None, None, seed=0)
    frames = list(decoded(model, s, z))
    assert [x.shape for x in frames] == [(40, 12), (40, 12)] and all(x.isfinite().all() for x in frames)


def test_asking_for_more_leaves_the_first_as_they_were(model):
    few, many = (draw_codes(model, num, 6, None, None, seed=5) for num in (2, 4))
    for of_few, of_many in zip(few, many, strict=True):
        torch.testing.assert_close(of_few, of_many[:2])
        assert not torch.allclose(of_many[2], of_many[3])


def test_seeds_differ(model):
    one, other = (draw_codes(model, 1, 6, None, None, seed=seed) for seed in (0, 1))
    assert not torch.allclose(one[0], other[0]) and not torch.allclose(one[1], other[1])


def test_a_given_code_is_kept_and_the_other_drawn(model):
    static, dynamic = torch.arange(6.0), torch.arange(20.0).reshape(5, 4)
    s, z = draw_codes(model, 3, 6, static, None, seed=0)
    assert (s == static).all() and z.shape == (3, 6, 4) and not torch.allclose(z[0], z[1])
    s, z = draw_codes(model, 3, 6, None, dynamic, seed=0)
    assert (z == dynamic).all() and z.shape == (3, 5, 4) and not torch.allclose(s[0], s[1])


def test_speech_of_a_converter(converter):
    samples = converter.generate(2, seconds=0.3, seed=1)
    again = converter.generate(2, seconds=0.3, seed=1)
    for sample, same in zip(samples, again, strict=True):
        assert sample.frames.shape == (31, 200) and sample.wav.shape == (4800,) and sample.wav.dtype == np.float32
        assert level_db(sample.wav) == pytest.approx(LEVEL_DB, abs=0.5) and np.abs(sample.wav).max() <= 1
        np.testing.assert_array_equal(sample.wav, same.wav)
    assert not np.allclose(samples[0].frames, samples[1].frames)


def test_a_given_recording_gives_its_code_and_its_length(converter, speech):
    wav = speech(1, seconds=0.5)
    of_words = converter.generate(2, dynamic=wav)
    assert [len(sample.frames) for sample in of_words] == [51, 51]
    static, dynamic = draw_codes(converter.model, 2, 1, None, torch.from_numpy(converter.embed(wav).dynamic), seed=0)
    expected = converter.normaliser.inverse(next(decoded(converter.model, static, dynamic)))
    np.testing.assert_allclose(of_words[0].frames, expected.numpy(), atol=1e-3)
    assert len(converter.generate(1, seconds=0.2, dynamic=wav)[0].frames) == 21
    of_voice = converter.generate(2, seconds=0.2, static=[wav, speech(1, take=2)])
    other_voice = converter.generate(2, seconds=0.2, static=[speech(3)])
    assert not np.allclose(of_voice[0].frames, other_voice[0].frames)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ((4, 3.0, True, True), "vcdisent convert"),
        ((0, 3.0, False, False), "1 to 100"),
        ((101, 3.0, False, False), "1 to 100"),
        ((4, 0.0, False, False), "0.1 to 450 s"),
        ((4, float("nan"), False, False), "0.1 to 450 s"),
        ((100, 20.0, False, False), "0.1 to 18 s"),
    ],
)
def test_what_makes_no_sense_is_refused(request_, words):
    with pytest.raises(InputError, match=words) as caught:
        check_request(*request_)
    assert "\n" not in str(caught.value)
    check_request(4, 3.0, True, False)
