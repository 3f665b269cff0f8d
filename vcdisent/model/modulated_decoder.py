"""A decoder that sees time, and whose every layer s modulates."""

from torch import Tensor, nn
from torch.nn import functional

from vcdisent.errors import InputError
from vcdisent.model.frame_coders import AudioDecoder


class ModulatedDecoder(nn.Module):
    """Residual convolutions over z, each scaled and shifted by s (feature-wise modulation: Perez et al., AAAI 2018).

    The paper decodes frame by frame, and s comes in once, beside z_t (`AudioDecoder`). Here a frame is p(x_t given
    z and s): what z_t leaves open its neighbours may tell, and s has a say in what each layer makes of them.

    Args:
        num_bins: F, of a frame.
        static_size: Size of s.
        dynamic_size: Size of z_t.
        num_features: Channels.
        num_layers: Convolutions.
        kernel_size: Frames that each looks at.

    Raises:
        InputError: `kernel_size` is even.
    """

    picture = staticmethod(AudioDecoder.picture)

    def __init__(
        self,
        num_bins: int,
        static_size: int,
        dynamic_size: int,
        num_features: int = 192,
        num_layers: int = 3,
        kernel_size: int = 3,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise InputError(f"configuration: ModulatedDecoder kernel_size={kernel_size}; give an odd number")
        self.static_size = static_size
        self.inputs = nn.Linear(dynamic_size, num_features)
        self.layers = nn.ModuleList(
            nn.Conv1d(num_features, num_features, kernel_size, padding=kernel_size // 2) for _ in range(num_layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(num_features, elementwise_affine=False) for _ in range(num_layers))
        self.modulations = nn.ModuleList(nn.Linear(static_size, 2 * num_features) for _ in range(num_layers))
        self.outputs = nn.Linear(num_features, num_bins)

    def forward(self, code: Tensor) -> Tensor:
        """Mean of the normalised frames (B, T, F) for `code` (B, T, S + D), s and z side by side."""
        static, dynamic = code.split([self.static_size, code.shape[-1] - self.static_size], dim=-1)
        hidden = self.inputs(dynamic)
        for layer, norm, modulation in zip(self.layers, self.norms, self.modulations, strict=True):
            scale, shift = modulation(static[:, :1]).chunk(2, dim=-1)  # s is the same in all frames
            modulated = functional.leaky_relu(norm(hidden) * (1 + scale) + shift, 0.2)
            hidden = hidden + layer(modulated.transpose(1, 2)).transpose(1, 2)
        return self.outputs(hidden).float()
