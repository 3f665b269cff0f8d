"""Codes of all ranks: contrastive and minibatch terms see the whole batch, however it is shared out."""

import torch
from torch import Tensor, distributed


def gather_batch(codes: Tensor) -> Tensor:
    """`codes` (B, ...) of every rank, end to end in rank order, gradients going back to the rank they came from."""
    if not (distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1):
        return codes
    from torch.distributed.nn.functional import all_gather  # the one all_gather that lets gradients through

    whole = torch.cat(all_gather(codes.contiguous()))
    if whole.requires_grad:  # gloo sends a gradient as it lies in memory, and takes it in as if it were contiguous
        whole.register_hook(lambda gradient: gradient.contiguous())
    return whole
