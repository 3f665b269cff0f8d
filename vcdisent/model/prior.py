"""The dynamic prior p(z_t | z_<t): an LSTM over the trajectory (paper, section 2.1)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.model.gaussian import Gaussian, GaussianHead, Normal


class LSTMPrior(nn.Module):
    """Two stacked LSTM layers that read z_0 = 0, z_1, ..., z_T-1 and predict z_1, ..., z_T."""

    def __init__(self, dynamic_size: int, num_hidden: int = 64, num_layers: int = 2) -> None:
        super().__init__()
        self.dynamic_size = dynamic_size
        self.lstm = nn.LSTM(dynamic_size, num_hidden, num_layers, batch_first=True)
        self.head = GaussianHead(num_hidden, dynamic_size)

    def forward(self, dynamic: Tensor) -> Gaussian:
        """Prior (B, T, D) at every step of the trajectories `dynamic` (B, T, D), in one fused pass."""
        shifted = functional.pad(dynamic[:, :-1], (0, 0, 1, 0))
        return self.head(self.lstm(shifted)[0])

    @torch.no_grad()
    def sample(self, num_sequences: int, num_frames: int, normal: Normal) -> Tensor:
        """Trajectories (n, T, D) drawn step by step: each z_t is drawn before the next is predicted."""
        noise = normal("prior", (num_sequences, num_frames, self.dynamic_size))
        z, state, steps = torch.zeros_like(noise[:, :1]), None, []
        for step in range(num_frames):
            output, state = self.lstm(z, state)
            z = self.head(output).sample(noise[:, step : step + 1])
            steps.append(z)
        return torch.cat(steps, dim=1)
