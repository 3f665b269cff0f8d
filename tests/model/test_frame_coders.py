"""Frame coders see one frame at a time."""

import torch

from vcdisent.model.frame_coders import AudioDecoder, AudioEncoder, perceptron


def test_frames_are_coded_one_by_one() -> None:
    encoder, x = AudioEncoder(12, num_features=16), torch.randn(2, 7, 12)
    codes, order = encoder(x), torch.randperm(7)
    assert codes.shape == (2, 7, 16)
    torch.testing.assert_close(encoder(x[:, order]), codes[:, order])
    torch.testing.assert_close(encoder(x[:1, 3:4]), codes[:1, 3:4])


def test_frames_are_decoded_one_by_one_in_full_precision() -> None:
    decoder, code = AudioDecoder(12, 6, 4, num_features=16, num_layers=2), torch.randn(2, 7, 10)
    frames = decoder(code)
    assert frames.shape == (2, 7, 12)
    torch.testing.assert_close(decoder(code[1:, 2:3]), frames[1:, 2:3])
    with torch.autocast("cpu", torch.bfloat16):
        assert decoder(code).dtype == torch.float32


def test_a_perceptron_has_a_layer_between_each_two_sizes() -> None:
    layers = perceptron([5, 4, 3])
    shapes = [(layer.in_features, layer.out_features) for layer in layers if isinstance(layer, torch.nn.Linear)]
    assert shapes == [(5, 4), (4, 3)]


def test_a_picture_is_a_wall_of_spectrograms() -> None:
    x = torch.zeros(6, 4, 3)
    x[1, :, 0] = 3.0  # lowest bin of the second sequence, three deviations up
    x[5, 2, 2] = -30.0  # highest bin of the last one, far down
    picture = AudioDecoder.picture(x, num_columns=3)
    assert picture.shape == (2 * 3, 3 * 4)
    assert (picture[2, 4:8] == 1).all()
    assert picture[3, 8 + 2] == 0
    assert (picture == 0.5).sum() == 6 * 4 * 3 - 4 - 1
