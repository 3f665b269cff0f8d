"""Real-time factor, peak memory and cold start of conversion, against what the vocoders' algorithms alone take."""

import argparse
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pyworld
import torch
import torchaudio
from command import VCDISENT
from timing import begin, buzz, compare, in_turns, options, print_table, spread

from vcdisent import audio, loading
from vcdisent import config as configuration
from vcdisent.conversion.converter import Converter
from vcdisent.training import checkpoint

SAMPLE_RATE = 16000
NUM_ITERATIONS = 32  # those of the default vocoder


def griffin_lim_alone(path: Path, device: torch.device) -> np.ndarray:
    """The recording's own magnitudes and back, by torchaudio: wav (N,)."""
    wav = torch.from_numpy(audio.read(path, SAMPLE_RATE)[0]).to(device)
    magnitude = torchaudio.transforms.Spectrogram(400, hop_length=160, power=1.0).to(device)(wav)
    back = torchaudio.transforms.GriffinLim(400, n_iter=NUM_ITERATIONS, hop_length=160, power=1.0).to(device)
    return back(magnitude).cpu().numpy()


def world_alone(path: Path, device: torch.device) -> np.ndarray:  # noqa: ARG001
    """WORLD's analysis of the recording and synthesis from it, by pyworld: wav (N,)."""
    wav = audio.read(path, SAMPLE_RATE)[0].astype(np.float64)
    return pyworld.synthesize(*pyworld.wav2world(wav, SAMPLE_RATE), SAMPLE_RATE)


ALONE = {
    "griffin_lim": ("torchaudio.transforms.GriffinLim alone", griffin_lim_alone),
    "source_filter": ("pyworld's analysis and synthesis alone", world_alone),
    "world": ("pyworld's analysis and synthesis alone", world_alone),
}


def find_model(model: Path | None, folder: Path) -> Path:
    """The checkpoint to use; says which. Without any, one of the default configuration that has learnt nothing."""
    if model or (loading.SHIPPED / checkpoint.CONFIG).is_file():
        print(f"model: {model or 'the one that comes with the package'}\n")
        return model or loading.SHIPPED
    config = configuration.compose([])
    num_bins = config["num_bins"]
    checkpoint.save_yaml(folder / checkpoint.CONFIG, config)
    checkpoint.save_yaml(folder / checkpoint.DEV, {"threshold": 0.5})
    checkpoint.save_tensors(folder / checkpoint.WEIGHTS, configuration.build(config["model"]).state_dict())
    statistics = {"mean": torch.full((num_bins,), -4.0), "std": torch.full((num_bins,), 2.0)}
    checkpoint.save_tensors(folder / checkpoint.STATISTICS, statistics)
    print("model: UNTRAINED, of the default configuration, for want of one that comes with the package\n")
    return folder


def write_buzz(folder: Path, name: str, seconds: float, low_hz: float) -> Path:
    """A synthetic recording."""
    path = folder / f"{name}.wav"
    audio.write(path, buzz(seconds, SAMPLE_RATE, low_hz), SAMPLE_RATE)
    return path


def time_conversion(given: argparse.Namespace, model: Path, sources: dict[float, Path], target: Path) -> None:
    """Table of real-time factors in one process, model and libraries loaded."""
    rows = []
    for vocoder in given.vocoders:
        converter: Converter = loading.load(model, given.device, vocoder)
        name, alone = ALONE[vocoder]
        for seconds, source in sources.items():
            turns = {
                f"Converter.convert, {vocoder}, {seconds:g} s": partial(converter.convert, source, target),
                f"{name}, {seconds:g} s": partial(alone, source, converter.device),
            }
            is_first = seconds == given.seconds[0]
            timed = in_turns(turns, given.num_repeats if is_first else 1, converter.device, warm_up=is_first)
            rows += compare(timed, seconds)
    print_table(["what", "real-time factor, median (lowest to highest)", "times ours"], rows)


def time_commands(given: argparse.Namespace, model: Path, sources: dict[float, Path], target: Path) -> None:
    """Table of whole processes, from nothing to the written file."""
    commands = [
        ("vcdisent --help", [*VCDISENT, "--help"], given.num_repeats),
        ('python -c "import torch"', [sys.executable, "-c", "import torch"], given.num_repeats),
    ]
    for vocoder in given.vocoders:
        for seconds, source in sources.items():
            options_of = ["-o", source.with_name("converted.wav"), "--vocoder", vocoder, "--model", model]
            convert = ["convert", source, target, *options_of, "--device", given.device]
            num_repeats = given.num_repeats if seconds == given.seconds[0] else 1
            name = f"vcdisent convert, {vocoder}, {seconds:g} s"
            commands.append((name, [*VCDISENT, *map(str, convert)], num_repeats))
    rows = []
    for name, command, num_repeats in commands:
        seconds, megabytes = zip(*(cost(command, given.threads) for _ in range(num_repeats)), strict=True)
        rows.append([name, spread(seconds), spread(megabytes)])
    print_table(["command", "seconds, median (lowest to highest)", "peak memory in MB"], rows)


def cost(command: list[str], num_threads: int) -> tuple[float, float]:
    """Seconds and peak megabytes of a command, as `command.py` says them."""
    measure = [sys.executable, str(Path(__file__).with_name("command.py")), *command]
    environment = os.environ | {"OMP_NUM_THREADS": str(num_threads)}
    printed = subprocess.run(measure, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    seconds, megabytes = (float(part.split()[0]) for part in printed.split(","))
    return seconds, megabytes


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", type=Path, help="checkpoint folder (default: the one that comes with the package)")
    parser.add_argument("--vocoders", nargs="+", choices=tuple(ALONE), default=list(ALONE))
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0, 600.0], help="lengths of the sources")
    parser.add_argument("--num_repeats", type=int, default=5, help="of the first length; others are long enough once")
    given = parser.parse_args()
    begin(given)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = find_model(given.model, folder)
        sources = {seconds: write_buzz(folder, f"{seconds:g}", seconds, 110.0) for seconds in given.seconds}
        target = write_buzz(folder, "target", given.seconds[0], 190.0)
        time_conversion(given, model, sources, target)
        time_commands(given, model, sources, target)


if __name__ == "__main__":
    main()
