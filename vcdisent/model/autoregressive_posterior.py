"""The paper's own posterior of z, which is sampled step by step."""

import torch
from torch import Tensor, nn

from vcdisent.model.gaussian import Gaussian, GaussianHead, Normal
from vcdisent.model.over_time import normalise_over_time


class AutoregressivePosterior(nn.Module):
    """q(z_t | z_<t, x_<=t): the paper's own (equation 2), the one loop over time in the house.

    The projection of the inputs is taken out of the loop. Given a source of noise each step feeds back a sample;
    without one it feeds back its mean, which is what codes are compared by (section 2.3). It sees no frame before its
    time, except for the mean and variance that `instance_norm` takes over the whole sequence.
    """

    feeds_back = True

    def __init__(self, num_inputs: int, num_hidden: int, dynamic_size: int, instance_norm: bool = False) -> None:
        super().__init__()
        self.instance_norm = instance_norm
        self.dynamic_size, self.num_hidden = dynamic_size, num_hidden
        self.inputs = nn.Linear(num_inputs, 4 * num_hidden)
        self.feedback = nn.Linear(dynamic_size, 4 * num_hidden, bias=False)
        self.recurrent = nn.Linear(num_hidden, 4 * num_hidden, bias=False)
        self.head = GaussianHead(num_hidden, dynamic_size)

    def forward(self, codes: Tensor, lengths: Tensor | None = None, normal: Normal | None = None) -> Gaussian:
        """Gaussian (B, T, D) along one trajectory, for frame codes (B, T, H)."""
        if self.instance_norm:
            codes = normalise_over_time(codes, lengths)
        inputs = self.inputs(codes).unbind(1)
        shape = (len(codes), len(inputs), self.dynamic_size)
        noises = normal("dynamic", shape).unbind(1) if normal else [None] * len(inputs)
        hidden = cell = codes.new_zeros(len(codes), self.num_hidden)
        z = codes.new_zeros(len(codes), self.dynamic_size)
        steps = []
        for step_inputs, noise in zip(inputs, noises, strict=True):
            gates = step_inputs + self.feedback(z) + self.recurrent(hidden)
            write, forget, candidate, read = gates.chunk(4, dim=1)
            cell = forget.sigmoid() * cell + write.sigmoid() * candidate.tanh()
            hidden = read.sigmoid() * cell.tanh()
            step = self.head(hidden)
            z = step.mean if noise is None else step.sample(noise)
            steps.append(step)
        means, log_variances = zip(*((step.mean, step.log_variance) for step in steps), strict=True)
        return Gaussian(torch.stack(means, 1), torch.stack(log_variances, 1))
