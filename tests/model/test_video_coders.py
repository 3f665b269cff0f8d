"""Convolutional frame coders: one frame at a time, in and out of their shapes, with the norms that were asked for."""

import pytest
import torch
from torch import nn

from vcdisent.errors import InputError
from vcdisent.model.batch_statistics import encode_view, own_statistics, statistics_kept
from vcdisent.model.video_coders import GAP_PIXELS, VideoDecoder, VideoEncoder

SMALL = {"width": 4, "frame_size": 16}


def clips(num_channels=3, size=16):
    return torch.rand(2, 5, num_channels, size, size, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("num_channels", [1, 3])
@pytest.mark.parametrize(("norm", "residual", "size"), [("batch", False, 16), ("group", True, 32)])
def test_there_and_back(num_channels, norm, residual, size):
    options = {"num_channels": num_channels, "width": 4, "frame_size": size, "norm": norm, "residual": residual}
    encoder, decoder = VideoEncoder(num_features=6, **options), VideoDecoder(4, 2, **options)
    codes = encoder(clips(num_channels, size))
    assert codes.shape == (2, 5, 6) and codes.abs().max() <= 1
    x = decoder(codes)
    assert x.shape == (2, 5, num_channels, size, size) and x.min() >= 0 and x.max() <= 1
    (x - clips(num_channels, size)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in [*decoder.parameters(), *encoder.parameters()] if p.dim() > 1)


def test_the_released_sizes():
    encoder, decoder = VideoEncoder(), VideoDecoder(256, 32)
    shapes = [tuple(m.weight.shape) for m in encoder.modules() if isinstance(m, nn.Conv2d)]
    assert shapes == [(64, 3, 4, 4), (128, 64, 4, 4), (256, 128, 4, 4), (512, 256, 4, 4), (128, 512, 4, 4)]
    mirrored = [tuple(m.weight.shape) for m in decoder.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert mirrored == [(288, 512, 4, 4), (512, 256, 4, 4), (256, 128, 4, 4), (128, 64, 4, 4), (64, 3, 4, 4)]
    assert encoder.layers[1][0].weight.is_contiguous(memory_format=torch.channels_last)


def test_frames_are_coded_one_by_one():
    encoder, order = VideoEncoder(**SMALL), torch.randperm(5)
    codes = encoder(clips())
    torch.testing.assert_close(encoder(clips()[:, order]), codes[:, order])
    encoder.eval()
    torch.testing.assert_close(encoder(clips()[:1, 3:4]), encoder(clips())[:1, 3:4])
    grouped = VideoEncoder(norm="group", **SMALL)
    torch.testing.assert_close(grouped(clips()[:1, 3:4]), grouped(clips())[:1, 3:4])


def test_convolutions_alone_may_be_in_bfloat16():
    torch.manual_seed(0)
    encoder, decoder = VideoEncoder(autocast=True, **SMALL), VideoDecoder(100, 28, autocast=True, **SMALL)
    seen = []
    encoder.layers[0][0].register_forward_hook(lambda *call: seen.append(call[-1].dtype))
    codes = encoder(clips())
    x = decoder(codes)
    assert seen == [torch.bfloat16] and codes.dtype == x.dtype == torch.float32
    encoder.autocast = decoder.autocast = False
    exact = encoder(clips())
    assert seen[-1] == torch.float32 and not torch.equal(exact, codes)
    torch.testing.assert_close(exact, codes, atol=0.1, rtol=0)
    with torch.autocast("cpu", torch.bfloat16):  # what the trainer asks for holds too
        assert encoder(clips()).dtype == decoder(exact).dtype == torch.float32
    assert seen[-1] == torch.bfloat16


@pytest.mark.parametrize("options", [{"frame_size": 40}, {"frame_size": 8}, {"norm": "layer"}])
def test_what_cannot_be_built_is_told(options):
    for coder in (VideoEncoder, lambda **given: VideoDecoder(4, 2, **given)):
        with pytest.raises(InputError, match="video frame coders take"):
            coder(**options)


def test_a_picture_has_what_belongs_together_in_one_line():
    x = torch.zeros(4, 3, 3, 2, 2)
    x[0, 1, 0] = 1.0  # the second frame of the first sequence is red
    x[3, 2, 2] = 2.0  # the third of the fourth is more than blue: it stands beside the second sequence
    picture = VideoDecoder.picture(x, num_columns=2)
    strip = 3 * 2 + GAP_PIXELS
    assert picture.shape == (2 * 2, 2 * strip, 3)
    assert (picture[:2, 2:4] == torch.tensor([1.0, 0, 0])).all()
    assert (picture[2:, strip + 4 : strip + 6] == torch.tensor([0, 0, 1.0])).all()
    assert (picture[:, 6:strip] == 1).all() and picture.sum() == 4 + 4 + 4 * 2 * GAP_PIXELS * 3
    assert VideoDecoder.picture(x[:, :, :1], num_columns=2).shape == (4, 2 * strip)


def statistics(module):
    return [buffer.clone() for buffer in module.buffers()]


def test_a_view_leaves_no_statistics_behind_and_has_its_own():
    encoder, x = VideoEncoder(**SMALL), clips()
    encoder(x)
    before = statistics(encoder)
    view = encode_view(encoder, 0.3 * x)
    assert all(map(torch.equal, statistics(encoder), before))
    torch.testing.assert_close(view, encoder(0.3 * x))
    assert not all(map(torch.equal, statistics(encoder), before)), "it remembers again"


def test_statistics_are_used_in_evaluation_and_remembered_after_an_error():
    encoder = VideoEncoder(**SMALL)
    encoder(clips())
    encoder.eval()
    torch.testing.assert_close(encode_view(encoder, clips()), encoder(clips()))
    with pytest.raises(RuntimeError), statistics_kept(encoder):
        encoder(torch.zeros(1, 1, 7, 16, 16))
    assert all(m.track_running_stats for m in encoder.modules() if isinstance(m, nn.BatchNorm2d))


def test_a_view_is_read_by_its_own_statistics_in_evaluation_too():
    encoder, view = VideoEncoder(**SMALL), 5 * clips() - 2
    expected = encode_view(encoder, view)
    encoder(clips())
    kept = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    encoder.eval()
    with own_statistics(encoder):
        torch.testing.assert_close(encoder(view), expected)
    assert not torch.allclose(encoder(view), expected) and not any(m.training for m in encoder.modules())
    assert all(torch.equal(tensor, kept[name]) for name, tensor in encoder.state_dict().items())
