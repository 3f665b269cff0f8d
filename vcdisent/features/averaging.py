"""Frames averaged over time."""

import torch
from torch import Tensor
from torch.nn.functional import conv1d, pad


def averaged(rows: Tensor, num_frames: float) -> Tensor:
    """Rows (T, K), each averaged with those around it by a Hann window over so many; the outermost go on outside."""
    reach = round(num_frames) // 2
    if not reach:
        return rows
    window = torch.hann_window(2 * reach + 3, periodic=False, device=rows.device, dtype=rows.dtype)[1:-1]
    padded = pad(rows.T.unsqueeze(1), (reach, reach), mode="replicate")  # (K, 1, T)
    return conv1d(padded, (window / window.sum()).view(1, 1, -1)).squeeze(1).T
