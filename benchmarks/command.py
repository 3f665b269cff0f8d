"""Seconds and peak memory of a command, by default of `vcdisent --help`: `python benchmarks/command.py COMMAND...`.

A process counts the memory of the one that it was started from as its own peak, so this one imports next to nothing.
"""

import resource
import subprocess
import sys
import time

VCDISENT = [sys.executable, "-m", "vcdisent.cli"]
BYTES = 1 if sys.platform == "darwin" else 1024  # in which a system counts peak memory


def main() -> None:
    started = time.perf_counter()
    subprocess.run(sys.argv[1:] or [*VCDISENT, "--help"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * BYTES / 1e6
    print(f"{seconds:.3f} s, {megabytes:.1f} MB")


if __name__ == "__main__":
    main()
