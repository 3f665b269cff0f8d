"""Views and batch norm: what is normalised by a batch's own statistics must not mix sequences with their views."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn


@contextmanager
def statistics_kept(module: nn.Module) -> Iterator[None]:
    """Batch norms inside `module` remember nothing of what passes meanwhile.

    In training it is normalised by its own statistics, and the running ones, which evaluation uses, stay those of
    sequences alone: a view is never normalised by them (`own_statistics`).
    """
    remembering = [each for each in module.modules() if isinstance(each, nn.BatchNorm2d) and each.track_running_stats]
    for norm in remembering:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in remembering:
            norm.track_running_stats = True


@contextmanager
def own_statistics(module: nn.Module) -> Iterator[None]:
    """Batch norms inside `module` normalise by what passes, as in training, and remember nothing of it."""
    norms = [each for each in module.modules() if isinstance(each, nn.BatchNorm2d) and not each.training]
    with statistics_kept(module):
        for norm in norms:
            norm.train()
        try:
            yield
        finally:
            for norm in norms:
                norm.eval()


def encode_view(encoder: nn.Module, view: Tensor) -> Tensor:
    """Frame codes (B, T, H) of a view (B, T, ...), in a pass of its own, so that no statistics are shared."""
    with statistics_kept(encoder):
        return encoder(view)
