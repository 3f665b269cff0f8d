"""Posteriors: q(s | x) over the whole sequence and q(z | x), read both ways or step by step (paper, equation 2)."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from vcdisent.model.gaussian import Gaussian, GaussianHead, Normal


class Recurrence(nn.Module):
    """A bidirectional LSTM over padded sequences; padding is never read."""

    def __init__(self, num_inputs: int, num_hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(num_inputs, num_hidden, batch_first=True, bidirectional=True)

    def forward(self, codes: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        """Outputs (B, T, 2H) for `codes` (B, T, H'), and the last state of both directions (B, 2H).

        Without `lengths` (B,) all sequences are whole, and the packing that keeps padding out is skipped.
        """
        if lengths is None:
            outputs, (last, _) = self.lstm(codes)
            return outputs, last.transpose(0, 1).flatten(1)
        packed = pack_padded_sequence(codes, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, (last, _) = self.lstm(packed)
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=codes.shape[1])
        return outputs, last.transpose(0, 1).flatten(1)


class StaticPosterior(nn.Module):
    """q(s | x): a Gaussian from the last forward and the first backward state of a bidirectional LSTM."""

    def __init__(self, num_inputs: int, num_hidden: int, static_size: int) -> None:
        super().__init__()
        self.recurrence = Recurrence(num_inputs, num_hidden)
        self.head = GaussianHead(2 * num_hidden, static_size)

    def forward(self, codes: Tensor, lengths: Tensor | None = None) -> Gaussian:
        """Gaussian (B, S) for frame codes (B, T, H)."""
        return self.head(self.recurrence(codes, lengths)[1])


class BidirectionalPosterior(nn.Module):
    """q(z_t | x): a bidirectional LSTM and a recurrent network over its outputs, as the released code has it.

    Args:
        num_inputs: Size of a frame code.
        num_hidden: Size of the LSTM in each direction and of the recurrent network.
        dynamic_size: Size of z_t.
        instance_norm: Bring each channel of the frame codes to zero mean and unit variance over the sequence first,
            which takes away most of what stays.
    """

    feeds_back = False

    def __init__(self, num_inputs: int, num_hidden: int, dynamic_size: int, instance_norm: bool = True) -> None:
        super().__init__()
        self.instance_norm = instance_norm
        self.recurrence = Recurrence(num_inputs, num_hidden)
        self.rnn = nn.RNN(2 * num_hidden, num_hidden, batch_first=True)
        self.head = GaussianHead(num_hidden, dynamic_size)

    def forward(
        self,
        codes: Tensor,
        lengths: Tensor | None = None,
        normal: Normal | None = None,  # noqa: ARG002 (nothing is fed back)
    ) -> Gaussian:
        """Gaussian (B, T, D) for frame codes (B, T, H)."""
        if self.instance_norm:
            codes = normalise_over_time(codes, lengths)
        outputs, _ = self.recurrence(codes, lengths)
        return self.head(self.rnn(outputs)[0])


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


def normalise_over_time(codes: Tensor, lengths: Tensor | None) -> Tensor:
    """`codes` (B, T, H) with zero mean and unit variance over each sequence's own `lengths` (B,) frames."""
    if lengths is None:
        variance, mean = torch.var_mean(codes, dim=1, keepdim=True, correction=0)
        return (codes - mean) * (variance + 1e-5).rsqrt()
    mask = (torch.arange(codes.shape[1], device=codes.device) < lengths.to(codes.device).unsqueeze(1)).unsqueeze(2)
    count = mask.sum(1, keepdim=True)
    mean = (codes * mask).sum(1, keepdim=True) / count
    variance = ((codes - mean).square() * mask).sum(1, keepdim=True) / count
    return (codes - mean) * (variance + 1e-5).rsqrt()
