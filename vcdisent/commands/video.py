"""vcdisent swap, generate and traverse with a model of video: a labelled picture, and a GIF that plays it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vcdisent import config as configuration
from vcdisent import loading, video
from vcdisent.conversion.video_model import Half, VideoModel
from vcdisent.errors import InputError
from vcdisent.evaluation.film_strips import Panel, moving_picture, strip_picture

SAMPLES_A_ROW = 4
"""Of a GIF."""


def swap(a: Path, b: Path, out: Path, model: Path | None, device: str) -> int:
    """Writes `out/swap.png` and `out/swap.gif`: both clips, their reconstructions, and each with the other's s."""
    made = load(model, device)
    clips = [read(path, made) for path in (a, b)]
    z_of_a, z_of_b = made.swap(*clips)
    panels = [
        *(Panel(f"{name}: {called(path)}", clip) for name, path, clip in zip("AB", (a, b), clips, strict=True)),
        *(Panel(f"{name} reconstructed", made.reconstruct(clip)) for name, clip in zip("AB", clips, strict=True)),
        Panel("z of A, s of B", z_of_a),
        Panel("z of B, s of A", z_of_b),
    ]
    write(out, "swap", "s (what stays) and z (what changes) swapped", panels, num_columns=2)
    return 0


def generate(
    out: Path,
    num: int,
    num_frames: int | None,
    static: Sequence[Path],
    dynamic: Path | None,
    fix: Half | None,
    seed: int,
    model: Path | None,
    device: str,
) -> int:
    """Writes `out/samples.png` and `out/samples.gif`; see `VideoModel.generate`."""
    if len(static) > 1:
        raise InputError(f"--static takes one clip of video, not {len(static)}")
    made = load(model, device)
    paths = {"static": static[0] if static else None, "dynamic": dynamic}
    given = {half: read(path, made) for half, path in paths.items() if path}
    samples = made.generate(num, num_frames, given.get("static"), given.get("dynamic"), fix, seed)
    panels = [Panel(f"{half} of {called(path)}", given[half]) for half, path in paths.items() if path]
    panels += [Panel(f"sample {number}", clip) for number, clip in enumerate(samples, start=1)]
    write(out, "samples", title(paths, fix, seed), panels, SAMPLES_A_ROW)
    return 0


def title(paths: Mapping[str, Path | None], fix: Half | None, seed: int) -> str:
    """Where the static and the dynamic codes of samples come from."""
    sources = {half: f"of {called(path)}" if path else "from the prior" for half, path in paths.items()}
    one = {half: ", one for all" if fix == half and not path else "" for half, path in paths.items()}
    return f"s {sources['static']}{one['static']}; z {sources['dynamic']}{one['dynamic']} (seed {seed})"


def traverse(a: Path, b: Path, out: Path, num_steps: int, model: Path | None, device: str) -> int:
    """Writes `out/traverse.gif`, all clips between two, and `out/traverse.png`, those where one half alone moves."""
    made = load(model, device)
    grid = made.traverse(read(a, made), read(b, made), num_steps)
    shares = [f"{100 * step / (num_steps - 1):.0f} %" for step in range(num_steps)]
    one_half = [
        *(Panel(f"s {share} of B, z of A", row[0]) for share, row in zip(shares, grid, strict=True)),
        *(Panel(f"s of A, z {share} of B", clip) for share, clip in zip(shares[1:], grid[0][1:], strict=True)),
    ]
    every = [
        Panel(f"s {of_s}, z {of_z}", clip)
        for of_s, row in zip(shares, grid, strict=True)
        for of_z, clip in zip(shares, row, strict=True)
    ]
    heading = f"from A ({called(a)}) to B ({called(b)})"
    video.write_png(out / "traverse.png", strip_picture(heading, one_half))
    video.write_gif(out / "traverse.gif", moving_picture(f"{heading}: share of B", every, num_steps))
    print(f"{out}: traverse.png and traverse.gif, {num_steps} by {num_steps} clips of {len(grid[0][0])} frames")
    return 0


def load(model: Path | None, device: str) -> VideoModel:
    """The model of a checkpoint folder.

    Raises:
        InputError: None was named, or it is not one of video.
    """
    if model is None:
        raise InputError("no model of video comes with the package; name a checkpoint with --model FOLDER")
    return loading.load_video(model, device)


def called(path: Path) -> str:
    """A clip's id, which may tell what it shows, if it is in a data dir beside its folder; else its file's name."""
    around = path.parent.parent
    for scp in filter(Path.is_file, [around / "frames.scp", *sorted(around.glob("*/frames.scp"))]):
        for line in scp.read_text().splitlines():
            clip_id, _, entry = line.partition(" ")
            if entry.endswith(path.name) and (scp.parent / entry).resolve() == path.resolve():
                return clip_id
    return path.name


def read(path: Path, model: VideoModel) -> np.ndarray:
    """A clip in the colours that a model sees, uint8 (T, H, W, C).

    Raises:
        InputError: There is none, or its frames are of another size.
    """
    clip = video.read(path, model.features.num_channels)
    with configuration.naming(path):
        model.features(clip)
    return clip


def write(out: Path, name: str, heading: str, panels: Sequence[Panel], num_columns: int) -> None:
    """Writes clips into the folder `out`: as film strips, and playing side by side, so many a row."""
    video.write_png(out / f"{name}.png", strip_picture(heading, panels))
    video.write_gif(out / f"{name}.gif", moving_picture(heading, panels, num_columns))
    print(f"{out}: {name}.png and {name}.gif, {len(panels)} clips")
