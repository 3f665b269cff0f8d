"""The supervised objective of the speaker network: additive angular margin (Deng et al., CVPR 2019)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.batches import Batch
from vcdisent.model.speaker_network import SpeakerNetwork


class SpeakerClassification(nn.Module):
    """Cross-entropy over the training speakers, the angle to the true one widened by a margin.

    Args:
        num_speakers: Classes.
        static_size: Size of the embedding.
        margin: Added to the angle of the true class, in radians.
        scale: Inverse temperature of the cosines.
        reads_view: Learns from the keep-dynamic view. Its voice would be another speaker's, unless the view moves the
            channel alone: then the network learns what a voice is through any microphone.
    """

    def __init__(
        self, num_speakers: int, static_size: int, margin: float = 0.2, scale: float = 30.0, reads_view: bool = False
    ) -> None:
        super().__init__()
        self.margin, self.scale, self.reads_view = margin, scale, reads_view
        self.centres = nn.Parameter(torch.empty(num_speakers, static_size))
        nn.init.xavier_normal_(self.centres)

    def forward(self, model: SpeakerNetwork, batch: Batch) -> dict[str, Tensor]:
        """`cross_entropy` in nats, `accuracy`, and `loss`."""
        read = batch.x_dynamic if self.reads_view else batch.x
        embedding = functional.normalize(model.encode(read).static.mean.float(), dim=1)
        with torch.autocast(embedding.device.type, enabled=False):  # in bfloat16 a cosine is 1 too soon, its slope NaN
            cosines = embedding @ functional.normalize(self.centres, dim=1).T
        angle = cosines.clamp(-1 + 1e-6, 1 - 1e-6).acos()
        true = functional.one_hot(batch.speakers, cosines.shape[1]).bool()
        widened = torch.where(true, (angle + self.margin).clamp_max(math.pi).cos(), cosines)
        loss = functional.cross_entropy(self.scale * widened, batch.speakers)
        accuracy = (cosines.argmax(1) == batch.speakers).float().mean()
        return {"cross_entropy": loss, "accuracy": accuracy, "loss": loss}
