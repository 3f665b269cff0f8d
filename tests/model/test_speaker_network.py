"""The supervised speaker network has the interface of a sequence model, less its dynamic half."""

import pytest
import torch

from vcdisent.model.long_sequence import encode_long
from vcdisent.model.speaker_network import SpeakerNetwork


@pytest.fixture(scope="module")
def network() -> SpeakerNetwork:
    torch.manual_seed(0)
    return SpeakerNetwork(num_bins=12, static_size=10, num_channels=16, segment_frames=30).eval()


def test_an_embedding_is_a_gaussian_without_width(network: SpeakerNetwork) -> None:
    posterior = network.encode(torch.randn(2, 30, 12))
    assert posterior.dynamic is None
    assert posterior.static.mean.shape == (2, 10)
    assert torch.equal(posterior.static.sample(torch.randn(2, 10)), posterior.static.mean)


def test_whole_sequences_need_no_lengths(network: SpeakerNetwork) -> None:
    x = torch.randn(2, 30, 12)
    torch.testing.assert_close(network.encode(x).static.mean, network.encode(x, torch.tensor([30, 30])).static.mean)


def test_frames_beyond_the_length_are_not_pooled(network: SpeakerNetwork) -> None:
    x = torch.randn(1, 80, 12)
    changed = x.clone()
    changed[:, 70:] += 5.0  # further from the 30 frames that count than the convolutions reach
    length = torch.tensor([30])
    torch.testing.assert_close(network.encode(x, length).static.mean, network.encode(changed, length).static.mean)
    assert not torch.allclose(network.encode(x).static.mean, network.encode(changed).static.mean)


def test_the_mean_of_a_recording_is_not_heard_where_it_is_taken_off() -> None:
    torch.manual_seed(0)
    network = SpeakerNetwork(num_bins=12, static_size=10, num_channels=16, segment_frames=30, mean_norm=True).eval()
    x, lengths = torch.randn(2, 30, 12), torch.tensor([30, 20])
    wanted = network.encode(x, lengths).static.mean
    changed = x + torch.randn(12)
    changed[1, 20:] = 7.0
    torch.testing.assert_close(network.encode(changed, lengths).static.mean, wanted, atol=1e-4, rtol=1e-4)
    alone = network.encode(x[:1]).static.mean
    torch.testing.assert_close(alone, network.encode(x[:1] - 3).static.mean, atol=1e-4, rtol=1e-4)


def test_long_recordings_are_averaged_over_segments(network: SpeakerNetwork) -> None:
    x = torch.randn(45, 12)
    segments = network.encode(torch.stack([x[:30], x[15:]])).static.mean
    torch.testing.assert_close(encode_long(network, x).static.mean[0], segments.mean(0), atol=1e-5, rtol=1e-4)
