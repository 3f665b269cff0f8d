"""vcdisent generate: speech from the prior, as sound and as pictures; or video."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vcdisent import audio, loading
from vcdisent import config as configuration
from vcdisent.atomic import whole_file
from vcdisent.conversion.converter import Converter
from vcdisent.conversion.generation import Generated
from vcdisent.conversion.video_model import Half
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.evaluation.generation import spectrogram_grid, spectrum_db
from vcdisent.training.published import checkpoint_folder

PICTURE = "samples.png"


@dataclass(frozen=True)
class Request:
    """What to sample; see `Converter.generate` and `VideoModel.generate`, which take what is theirs."""

    num: int
    seconds: float | None
    num_frames: int | None
    static: Sequence[Path]
    dynamic: Path | None
    fix: Half | None
    seed: int


def generate(out: Path, request: Request, model: Path | None, device: str) -> int:
    """Samples of speech or of video, whichever the checkpoint is of.

    Raises:
        InputError: The request cannot be met, or holds what the checkpoint's kind has not.
    """
    if model and configuration.is_video(loading.read_folder(checkpoint_folder(model))[0]):
        if request.seconds is not None:
            raise InputError("--seconds is for speech; give --num-frames for video")
        from vcdisent.commands import video

        codes = request.num_frames, request.static, request.dynamic, request.fix, request.seed
        return video.generate(out, request.num, *codes, model, device)
    if request.num_frames is not None or request.fix is not None:
        raise InputError(
            "--num-frames and --fix are for video: name a model of it by --model FOLDER; for speech there are "
            "--seconds, --static and --dynamic"
        )
    return generate_speech(out, request, model, device)


def generate_speech(out: Path, request: Request, model: Path | None, device: str) -> int:
    """Writes `out/sample_01.wav` and so on, and `out/samples.png` with their spectrograms; see `Converter.generate`."""
    converter = loading.load(model, device)
    num, static, dynamic, seed = request.num, request.static, request.dynamic, request.seed
    samples = converter.generate(num, request.seconds, static, dynamic, seed)
    names = [f"sample_{number:02d}" for number in range(1, num + 1)]
    for name, sample in zip(names, samples, strict=True):
        audio.write(out / f"{name}.wav", sample.wav, converter.sample_rate)
    write_picture(out / PICTURE, title(static, dynamic, seed), names, samples, converter)
    seconds_each = len(samples[0].wav) / converter.sample_rate
    print(f"{out}: {counted(num, 'sample')} of {seconds_each:.1f} s, {names[0]}.wav to {names[-1]}.wav, and {PICTURE}")
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
