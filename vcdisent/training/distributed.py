"""Ranks started by torchrun: one engine, torch.distributed; on one process everything here is a no-op."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from vcdisent.errors import InputError


@contextmanager
def process_group(device: torch.device) -> Iterator[tuple[int, int]]:
    """Joins the group that torchrun made; yields this process's rank and the number of ranks."""
    if "WORLD_SIZE" not in os.environ:
        yield 0, 1
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield distributed.get_rank(), distributed.get_world_size()
    finally:
        distributed.destroy_process_group()


def pick_device(name: str = "auto") -> torch.device:
    """The device for `auto`, `cpu` or `cuda[:i]`: without an i this rank's GPU, with `auto` where there is one.

    Raises:
        InputError: It is not here.
    """
    num_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "cpu" or (name == "auto" and not num_gpus):
        return torch.device("cpu")
    if not re.fullmatch(r"auto|cuda(:\d+)?", str(name)):
        raise InputError(f"device {name!r} is unknown; use auto, cpu, cuda or cuda:1")
    index = int(name.partition(":")[2] or os.environ.get("LOCAL_RANK", "0"))
    if index >= num_gpus:
        raise InputError(f"device {name!r}: GPU {index} is not here ({num_gpus} are); use auto, cpu or another")
    return torch.device("cuda", index)


def wrap(step: nn.Module, device: torch.device, num_ranks: int) -> nn.Module:
    """`step` with its gradients averaged over ranks, where there are several."""
    if num_ranks == 1:
        return step
    return DistributedDataParallel(step, [device.index] if device.type == "cuda" else None, find_unused_parameters=True)


def averaged(terms: dict[str, Tensor]) -> dict[str, float]:
    """Terms as numbers, averaged over ranks, in one transfer."""
    stacked = torch.stack([term.detach().float() for term in terms.values()])
    if distributed.is_initialized():
        distributed.all_reduce(stacked)
        stacked /= distributed.get_world_size()
    return dict(zip(terms, stacked.tolist(), strict=True))


def earliest(steps: Tensor) -> list[int]:
    """The smallest over ranks of each of `steps` (n,), in one transfer."""
    if distributed.is_initialized():
        distributed.all_reduce(steps, distributed.ReduceOp.MIN)
    return steps.tolist()


def agreed(decision: bool, device: torch.device) -> bool:
    """Rank 0's decision, on every rank."""
    if not distributed.is_initialized():
        return decision
    flag = torch.tensor(int(decision), device=device)
    distributed.broadcast(flag, src=0)
    return bool(flag.item())
