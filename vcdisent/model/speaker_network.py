"""The supervised speaker network: speechbrain's ECAPA-TDNN, the upper row of a verification table."""

import torch
from torch import Tensor, nn

from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import Posterior


class SpeakerNetwork(nn.Module):
    """ECAPA-TDNN (Desplanques et al., Interspeech 2020) with the interface of a sequence model, less its dynamic half.

    Args:
        num_bins: Values in a frame.
        static_size: Size of the embedding.
        num_channels: Channels of the network's three blocks; the last layer has three times as many.
        segment_frames: Frames of the sequences that it is trained on, and so reads at a time.
        mean_norm: Whether the mean frame of each sequence is taken off first (cepstral mean normalisation): what is
            left says nothing of a microphone, nor of a voice's mean colour.

    Attributes:
        static_centre: (S,) mean of the embeddings of training data, around which they are compared; not learnt.
    """

    static_centre: Tensor

    def __init__(
        self,
        num_bins: int,
        static_size: int = 192,
        num_channels: int = 128,
        segment_frames: int = 200,
        mean_norm: bool = False,
    ) -> None:
        super().__init__()
        from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN  # slow to import, and needed by this row alone

        channels = [num_channels] * 4 + [3 * num_channels]
        self.network = ECAPA_TDNN(num_bins, channels=channels, lin_neurons=static_size, attention_channels=64)
        self.static_size, self.segment_frames, self.mean_norm = static_size, segment_frames, mean_norm
        self.register_buffer("static_centre", torch.zeros(static_size))

    def encode(self, x: Tensor, lengths: Tensor | None = None) -> Posterior:
        """Embedding of normalised frames `x` (B, T, F): the mean of a Gaussian (B, S) without width, and no z."""
        shares = None if lengths is None else lengths.to(x.device) / x.shape[1]
        if self.mean_norm:
            x = less_mean(x, lengths)
        embedding = self.network(x, shares).squeeze(1)
        return Posterior(Gaussian(embedding, torch.full_like(embedding, -torch.inf)), None)


def less_mean(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Frames (B, T, F) less the mean of each sequence, of which the first `lengths` (B,) count; 0 after those."""
    if lengths is None:
        return x - x.mean(1, keepdim=True)
    is_there = (torch.arange(x.shape[1], device=x.device) < lengths.to(x.device).unsqueeze(1)).unsqueeze(2)
    mean = (x * is_there).sum(1, keepdim=True) / is_there.sum(1, keepdim=True)
    return (x - mean) * is_there
