"""vcdisent generate: speech from the prior, as sound and as pictures."""

from collections.abc import Sequence
from pathlib import Path

from vcdisent import audio
from vcdisent import config as configuration
from vcdisent.atomic import whole_file
from vcdisent.conversion.converter import Converter
from vcdisent.conversion.generation import Generated
from vcdisent.evaluation.generation import spectrogram_grid, spectrum_db

PICTURE = "samples.png"


def generate(
    out: Path,
    num: int,
    seconds: float | None,
    static: Sequence[Path],
    dynamic: Path | None,
    seed: int,
    model: Path | None,
    device: str,
) -> int:
    """Writes `out/sample_01.wav` and so on, and `out/samples.png` with their spectrograms; see `Converter.generate`."""
    converter = configuration.load(model, device)
    samples = converter.generate(num, seconds, static, dynamic, seed)
    names = [f"sample_{number:02d}" for number in range(1, num + 1)]
    for name, sample in zip(names, samples, strict=True):
        audio.write(out / f"{name}.wav", sample.wav, converter.sample_rate)
    write_picture(out / PICTURE, title(static, dynamic, seed), names, samples, converter)
    seconds_each = len(samples[0].wav) / converter.sample_rate
    print(f"{out}: {num} samples of {seconds_each:.1f} s, {names[0]}.wav to {names[-1]}.wav, and {PICTURE}")
    return 0


def write_picture(
    path: Path, heading: str, names: Sequence[str], samples: Sequence[Generated], converter: Converter
) -> None:
    """Writes the spectrograms of samples as a PNG."""
    features = converter.features
    rows = [(name, spectrum_db(features, sample.frames)) for name, sample in zip(names, samples, strict=True)]
    figure = spectrogram_grid(heading, rows, features.sample_rate, features.hop_length)
    with whole_file(path) as partial:
        figure.savefig(partial)


def title(static: Sequence[Path], dynamic: Path | None, seed: int) -> str:
    """Where the two codes of a picture come from."""
    if dynamic:
        return f"words of {dynamic.name}, voices from the prior (seed {seed})"
    if static:
        return f"voice of {', '.join(path.name for path in static)}, words from the prior (seed {seed})"
    return f"voices and words from the prior (seed {seed})"
