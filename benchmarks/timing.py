"""What the benchmarks share: rivals timed in turns, something to hear, and tables that say where they were made."""

import argparse
import math
import os
import platform
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from vcdisent.training.distributed import pick_device

PHRASE_S = 10.0


def options(description: str) -> argparse.ArgumentParser:
    """A parser with what every benchmark takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of every library")
    parser.add_argument("--device", default="cpu", help="auto, cpu or cuda; rivals without torch stay on the CPU")
    return parser


def begin(given: argparse.Namespace) -> torch.device:
    """Sets the number of threads; prints by which command and where the figures below it were made."""
    torch.set_num_threads(given.threads)
    device = pick_device(given.device)
    print(f"\n`python {shlex.join(sys.argv)}`\n\n{machine(device)}")
    return device


def machine(device: torch.device) -> str:
    """What this runs on, in a line; the load tells whether it was alone."""
    gpu = f"{torch.cuda.get_device_name(device)}, " if device.type == "cuda" else ""
    return (
        f"{gpu}{processor()}, {os.cpu_count()} cores; torch {torch.__version__}, threads: {torch.get_num_threads()}, "
        f"load before the start: {os.getloadavg()[0]:.1f}\n"
    )


def processor() -> str:
    """Name of the CPU."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def in_turns(
    rivals: Mapping[str, Callable[[], object]], num_repeats: int, device: torch.device, warm_up: bool = True
) -> dict[str, list[float]]:
    """Seconds of each call. Rivals take turns, to and fro, so that whatever else the machine does meets all alike."""
    if warm_up:
        for run in rivals.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    with threadpool_limits(torch.get_num_threads()):  # what NumPy and SciPy bring along counts threads by itself
        for repeat in range(num_repeats):
            for name in list(rivals)[:: 1 if repeat % 2 == 0 else -1]:
                seconds[name].append(timed(rivals[name], device))
    return seconds


def timed(run: Callable[[], object], device: torch.device) -> float:
    """Seconds of one call, with all that it started on the device."""
    synchronise(device)
    started = time.perf_counter()
    run()
    synchronise(device)
    return time.perf_counter() - started


def synchronise(device: torch.device) -> None:
    """Waits for the device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def compare(seconds: Mapping[str, Sequence[float]], unit_s: float = 1.0) -> list[list[str]]:
    """A row a rival: its name, its seconds in units of `unit_s`, and how many times as long as the first it took."""
    first = next(iter(seconds.values()))
    return [
        [name, spread([s / unit_s for s in each]), spread([s / own for s, own in zip(each, first, strict=True)])]
        for name, each in seconds.items()
    ]


def spread(values: Sequence[float]) -> str:
    """Median, and lowest to highest."""
    median = f"{statistics.median(values):.3g}"
    return median if min(values) == max(values) else f"{median} ({min(values):.3g} to {max(values):.3g})"


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print(f"| {' | '.join(row)} |")
    print()


def see_that_equal(what: str, values: Mapping[str, float], tolerance: float) -> None:
    """Ends the run unless all values are the first one's within a relative tolerance: the rivals did other work."""
    reference = next(iter(values.values()))
    if not all(math.isclose(value, reference, rel_tol=tolerance) for value in values.values()):
        raise SystemExit(f"{what} of the rivals differ by more than {tolerance:g} of the first: {dict(values)}")
    print(f"{what} of all rivals: {reference:.6g}, equal within {tolerance:g} of it\n")


def buzz(seconds: float, sample_rate: int, low_hz: float = 110.0) -> np.ndarray:
    """wav (N,), float32: a gliding buzz in syllables, with hiss between them; a phrase of 10 s, repeated."""
    time_s = np.arange(round(PHRASE_S * sample_rate)) / sample_rate
    phase = 2 * np.pi * np.cumsum(low_hz * (1.2 + 0.2 * np.sin(2 * np.pi * 0.3 * time_s))) / sample_rate
    voiced = sum(np.cos(order * phase) / order for order in range(1, 20)) * (np.sin(2 * np.pi * 2 * time_s) > -0.3)
    hiss = np.random.default_rng(0).standard_normal(len(time_s))
    phrase = (0.1 * voiced + 0.005 * hiss).astype(np.float32)
    return np.resize(phrase, round(seconds * sample_rate))
