"""A posterior of z without recurrence."""

from torch import Tensor, nn
from torch.nn import functional

from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian, GaussianHead, Normal
from vcdisent.model.over_time import OutputNorm, known_norm, normalise_over_time, normalised_means, without_padding


class ConvolutionalPosterior(nn.Module):
    """q(z_t | x): residual convolutions over time, each behind an instance norm (Chou and Lee, Interspeech 2019).

    Args:
        num_inputs: Size of a frame code.
        num_hidden: Channels.
        dynamic_size: Size of z_t.
        num_layers: Convolutions; dilated by 1, 2, 4 and so on.
        kernel_size: Frames that each looks at.
        output_norm: As for `BidirectionalPosterior`.

    Raises:
        InputError: `kernel_size` is even, or there is no such `output_norm`.
    """

    feeds_back = False

    def __init__(
        self,
        num_inputs: int,
        num_hidden: int,
        dynamic_size: int,
        num_layers: int = 3,
        kernel_size: int = 5,
        output_norm: OutputNorm = False,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise InputError(f"configuration: ConvolutionalPosterior kernel_size={kernel_size}; give an odd number")
        self.output_norm = known_norm(output_norm)
        self.inputs = nn.Linear(num_inputs, num_hidden)
        self.layers = nn.ModuleList(
            nn.Conv1d(num_hidden, num_hidden, kernel_size, dilation=2**layer, padding=2**layer * (kernel_size - 1) // 2)
            for layer in range(num_layers)
        )
        self.head = GaussianHead(num_hidden, dynamic_size)

    def forward(
        self,
        codes: Tensor,
        lengths: Tensor | None = None,
        normal: Normal | None = None,  # noqa: ARG002 (nothing is fed back)
    ) -> Gaussian:
        """Gaussian (B, T, D) for frame codes (B, T, H)."""
        hidden = self.inputs(normalise_over_time(codes, lengths))
        for layer in self.layers:
            normed = functional.leaky_relu(normalise_over_time(hidden, lengths), 0.2)
            hidden = hidden + layer(without_padding(normed, lengths).transpose(1, 2)).transpose(1, 2)
        dynamic = self.head(functional.leaky_relu(normalise_over_time(hidden, lengths), 0.2))
        return normalised_means(dynamic, lengths, self.output_norm)
