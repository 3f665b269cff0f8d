"""What conversions cost, kept beside them for those who judge them."""

import json
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from vcdisent.atomic import write_text
from vcdisent.counted import counted
from vcdisent.errors import InputError

NAME = "cost.json"
BYTES = 1 if sys.platform == "darwin" else 1024
"""In which a system counts peak memory."""


@dataclass(frozen=True)
class Cost:
    """Of conversions made together, measured voices and what was read and written included.

    Attributes:
        speech_s: How long they last, in seconds.
        spent_s: How long they took.
        peak_memory_mb: Of the process that made them, what it loaded included.
        num_threads: It had of PyTorch.
    """

    speech_s: float
    spent_s: float
    peak_memory_mb: float
    num_threads: int

    @classmethod
    def of(cls, speech_s: float, spent_s: float) -> "Cost":
        """With what is known of this process."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES / 1e6
        return cls(speech_s, spent_s, peak, torch.get_num_threads())

    def __str__(self) -> str:
        factor, threads = self.spent_s / self.speech_s, counted(self.num_threads, "thread")
        return f"real-time factor of {factor:.3g} with {threads}, {self.peak_memory_mb:,.0f} MB of memory at most"


def save_cost(folder: Path, cost: Cost) -> None:
    """Keeps it beside the conversions."""
    write_text(folder / NAME, json.dumps(asdict(cost)) + "\n")


def load_cost(folder: Path) -> Cost | None:
    """What conversions in a folder cost, if that is known.

    Raises:
        InputError: The file says something else.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        cost = Cost(**json.loads(path.read_text(encoding="utf-8")))
        str(cost)  # they are numbers
    except (ValueError, TypeError, ArithmeticError):
        raise InputError(f"{path}: does not say what conversions cost; remove it, or convert again") from None
    return cost
