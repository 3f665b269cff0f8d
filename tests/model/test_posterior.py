"""Posteriors: padding is never read, and each looks where its equation lets it look."""

import pytest
import torch
from torch import Tensor, nn

from vcdisent.batches import Keyed
from vcdisent.errors import InputError
from vcdisent.model.autoregressive_posterior import AutoregressivePosterior
from vcdisent.model.convolutional_posterior import ConvolutionalPosterior
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.over_time import OutputNorm, normalise_over_time
from vcdisent.model.posterior import BidirectionalPosterior, StaticPosterior

RECURRENT = [BidirectionalPosterior, AutoregressivePosterior]
KINDS = [*RECURRENT, ConvolutionalPosterior]
LENGTHS = torch.tensor([5, 8, 3])
OPTIONS = {"num_inputs": 6, "num_hidden": 7, "dynamic_size": 4}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def codes() -> Tensor:
    return torch.randn(3, 8, 6)


def with_padding(codes: Tensor, value: float) -> Tensor:
    padding = torch.arange(codes.shape[1]) >= LENGTHS.unsqueeze(1)
    return codes.masked_fill(padding.unsqueeze(2), value)


def assert_close(one: Gaussian, other: Gaussian) -> None:
    torch.testing.assert_close(one.mean, other.mean, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(one.log_variance, other.log_variance, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("instance_norm", [False, True])
@pytest.mark.parametrize("kind", RECURRENT)
def test_padding_never_changes_a_dynamic_code(kind, instance_norm: bool, codes: Tensor) -> None:
    assert_padding_is_never_read(kind(**OPTIONS, instance_norm=instance_norm), codes)


@pytest.mark.parametrize("output_norm", [False, True, "whitening"])
@pytest.mark.parametrize("kind", [BidirectionalPosterior, ConvolutionalPosterior])
def test_padding_never_changes_a_normalised_code(kind, output_norm: OutputNorm, codes: Tensor) -> None:
    assert_padding_is_never_read(kind(**OPTIONS, output_norm=output_norm), codes)


def assert_padding_is_never_read(posterior: nn.Module, codes: Tensor) -> None:
    padded = posterior(with_padding(codes, 100.0), LENGTHS)
    assert padded.mean.shape == (3, 8, 4)
    for row, length in enumerate(LENGTHS.tolist()):
        own = Gaussian(padded.mean[row : row + 1, :length], padded.log_variance[row : row + 1, :length])
        assert_close(own, posterior(codes[row : row + 1, :length]))


@pytest.mark.parametrize("pooling", ["last", "statistics"])
def test_padding_never_changes_a_static_code(codes: Tensor, pooling: str) -> None:
    posterior = StaticPosterior(6, 7, 5, pooling)
    padded = posterior(with_padding(codes, 100.0), LENGTHS)
    alone = [posterior(codes[row : row + 1, :length]) for row, length in enumerate(LENGTHS.tolist())]
    assert_close(padded, Gaussian(*(torch.cat([getattr(g, n) for g in alone]) for n in ("mean", "log_variance"))))


@pytest.mark.parametrize("kind", KINDS)
def test_whole_sequences_need_no_lengths(kind, codes: Tensor) -> None:
    posterior = kind(**OPTIONS)
    assert_close(posterior(codes), posterior(codes, torch.tensor([8, 8, 8])))


def test_another_pooling_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^configuration: StaticPosterior takes pooling=last or statistics, not 'x'$"):
        StaticPosterior(6, 7, 5, "x")


@pytest.mark.parametrize("pooling", ["last", "statistics"])
def test_a_static_code_sees_both_ends(codes: Tensor, pooling: str) -> None:
    posterior = StaticPosterior(6, 7, 5, pooling)
    for frame in (0, -1):
        changed = codes.clone()
        changed[:, frame] += 1
        assert (posterior(changed).mean - posterior(codes).mean).abs().min() > 0


@pytest.mark.parametrize(("kind", "is_causal"), [(AutoregressivePosterior, True), (BidirectionalPosterior, False)])
def test_the_future_changes_the_past_of_the_bidirectional_posterior_alone(kind, is_causal: bool, codes: Tensor) -> None:
    posterior, changed = kind(**OPTIONS), codes.clone()
    changed[:, 5:] += 1
    before, after = posterior(codes).mean, posterior(changed).mean
    assert torch.equal(before[:, :5], after[:, :5]) == is_causal
    assert not torch.allclose(before[:, 5:], after[:, 5:])


def test_a_sample_is_fed_back_to_later_steps_alone(keyed: Keyed, codes: Tensor) -> None:
    posterior, noise = AutoregressivePosterior(**OPTIONS), keyed.normal("dynamic", (3, 8, 4))
    other = noise.clone()
    other[:, 3] += 1
    one, two = (posterior(codes, None, lambda _, shape, n=n: n.reshape(shape)).mean for n in (noise, other))
    assert torch.equal(one[:, :4], two[:, :4])
    assert (one[:, 4:] - two[:, 4:]).abs().amax(dim=(0, 2)).min() > 0


def test_without_noise_means_are_fed_back(codes: Tensor) -> None:
    posterior = AutoregressivePosterior(**OPTIONS)
    assert_close(posterior(codes), posterior(codes, None, lambda _, shape: torch.zeros(shape)))


def test_the_loop_is_an_lstm_that_reads_the_frame_and_the_last_code(codes: Tensor) -> None:
    posterior = AutoregressivePosterior(**OPTIONS)
    cell = nn.LSTMCell(6 + 4, 7)
    cell.load_state_dict(
        {
            "weight_ih": torch.cat([posterior.inputs.weight, posterior.feedback.weight], dim=1),
            "weight_hh": posterior.recurrent.weight,
            "bias_ih": posterior.inputs.bias,
            "bias_hh": torch.zeros(28),
        }
    )
    state, z, means = None, torch.zeros(3, 4), []
    for step in range(8):
        state = cell(torch.cat([codes[:, step], z], dim=1), state)
        z = posterior.head(state[0]).mean
        means.append(z)
    torch.testing.assert_close(posterior(codes).mean, torch.stack(means, 1), atol=1e-5, rtol=1e-5)


def test_normalised_codes_have_lost_what_stays(codes: Tensor) -> None:
    normalised = normalise_over_time(5 + 3 * codes, None)
    torch.testing.assert_close(normalised.mean(1), torch.zeros(3, 6), atol=1e-5, rtol=0)
    torch.testing.assert_close(normalised.var(1, correction=0), torch.ones(3, 6), atol=1e-3, rtol=0)
    torch.testing.assert_close(normalised, normalise_over_time(codes, None), atol=1e-3, rtol=0)
    torch.testing.assert_close(normalised, normalise_over_time(5 + 3 * codes, torch.tensor([8, 8, 8])))


@pytest.mark.parametrize("kind", [BidirectionalPosterior, ConvolutionalPosterior])
def test_output_norm_leaves_no_mean_and_no_deviation_to_tell_sequences_apart(kind, codes: Tensor) -> None:
    means = kind(**OPTIONS, output_norm=True)(100 * codes).mean
    torch.testing.assert_close(means.mean(1), torch.zeros(3, 4), atol=1e-4, rtol=0)
    torch.testing.assert_close(means.var(1, correction=0), torch.ones(3, 4), atol=0.02, rtol=0)


@pytest.mark.parametrize("kind", [BidirectionalPosterior, ConvolutionalPosterior])
def test_whitening_also_takes_most_of_the_correlation_away(kind) -> None:
    codes = torch.randn(3, 64, 6, generator=torch.Generator().manual_seed(0))
    between = ~torch.eye(4, dtype=torch.bool)
    torch.manual_seed(0)
    posterior = kind(**OPTIONS, output_norm=True)
    before = torch.stack([means.T.corrcoef() for means in posterior(codes).mean])[:, between]
    posterior.output_norm = "whitening"
    means = posterior(codes).mean
    torch.testing.assert_close(means.mean(1), torch.zeros(3, 4), atol=1e-4, rtol=0)
    after = torch.stack([own.T.corrcoef() for own in means])[:, between]
    assert before.abs().max() > 0.5 and after.abs().mean() < 0.3 * before.abs().mean()


def test_whitening_leaves_what_is_no_number_to_the_loop_to_tell(codes: Tensor) -> None:
    codes[1, 2, 3] = torch.nan
    whitened = BidirectionalPosterior(**OPTIONS, output_norm="whitening")(codes).mean
    assert whitened[1].isnan().any() and whitened[[0, 2]].isfinite().all()


def test_an_output_norm_that_there_is_not() -> None:
    with pytest.raises(InputError, match="output_norm='whiten': a dynamic posterior takes false, true or whitening"):
        BidirectionalPosterior(**OPTIONS, output_norm="whiten")


def test_the_convolutional_posterior_takes_away_an_offset_that_stays(codes: Tensor) -> None:
    posterior = ConvolutionalPosterior(**OPTIONS)
    assert_close(posterior(codes), posterior(codes + 2))


@pytest.mark.parametrize("kind", RECURRENT)
def test_instance_norm_takes_away_an_offset_that_stays(kind, codes: Tensor) -> None:
    plain, normed = (kind(**OPTIONS, instance_norm=on) for on in (False, True))
    assert_close(normed(codes), normed(codes + 2))
    assert not torch.allclose(plain(codes).mean, plain(codes + 2).mean, atol=1e-3)
