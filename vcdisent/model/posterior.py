"""Posteriors: q(s | x) over the whole sequence, and q(z | x) read both ways."""

from typing import Literal

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian, GaussianHead, Normal
from vcdisent.model.over_time import OutputNorm, known_norm, mean_and_deviation, normalise_over_time, normalised_means


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
    """q(s | x): a Gaussian from what a bidirectional LSTM makes of the whole sequence.

    Args:
        num_inputs: Size of a frame code.
        num_hidden: Size of the LSTM in each direction.
        static_size: Size of s.
        pooling: `last` takes the last forward and the first backward state, as the released code does; `statistics`
            the mean and the deviation of the outputs over time, as speaker networks do.

    Raises:
        InputError: `pooling` is neither.
    """

    def __init__(
        self, num_inputs: int, num_hidden: int, static_size: int, pooling: Literal["last", "statistics"] = "last"
    ) -> None:
        super().__init__()
        if pooling not in ("last", "statistics"):
            raise InputError(f"configuration: StaticPosterior takes pooling=last or statistics, not {pooling!r}")
        self.pooling = pooling
        self.recurrence = Recurrence(num_inputs, num_hidden)
        self.head = GaussianHead((2 if pooling == "last" else 4) * num_hidden, static_size)

    def forward(self, codes: Tensor, lengths: Tensor | None = None) -> Gaussian:
        """Gaussian (B, S) for frame codes (B, T, H)."""
        outputs, last = self.recurrence(codes, lengths)
        return self.head(last if self.pooling == "last" else mean_and_deviation(outputs, lengths))


class BidirectionalPosterior(nn.Module):
    """q(z_t | x): a bidirectional LSTM and a recurrent network over its outputs, as the released code has it.

    There s is read from the same LSTM, here from one of its own (`StaticPosterior`).

    Args:
        num_inputs: Size of a frame code.
        num_hidden: Size of the LSTM in each direction and of the recurrent network.
        dynamic_size: Size of z_t.
        instance_norm: Bring each channel of the frame codes to zero mean and unit variance over the sequence first,
            which takes away most of what stays.
        output_norm: Do the same to the means of z, so that neither their mean nor their deviation can tell sequences
            apart; `whitening` takes the correlations of z's dimensions away too.

    Raises:
        InputError: There is no such `output_norm`.
    """

    feeds_back = False

    def __init__(
        self,
        num_inputs: int,
        num_hidden: int,
        dynamic_size: int,
        instance_norm: bool = False,
        output_norm: OutputNorm = False,
    ) -> None:
        super().__init__()
        self.instance_norm, self.output_norm = instance_norm, known_norm(output_norm)
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
        dynamic = self.head(self.rnn(outputs)[0])
        return normalised_means(dynamic, lengths, self.output_norm)
