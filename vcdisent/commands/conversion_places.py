"""Where conversions go, and where they must not: over what they are made of, or among what is converted next time."""

import sys
from collections.abc import Sequence
from pathlib import Path

from vcdisent.audio_write import CONTAINERS, container_of
from vcdisent.commands.conversion_list import Line
from vcdisent.commands.embed import files_below
from vcdisent.errors import InputError


def output_file(out: str, name: str) -> Path:
    """Where one conversion goes: to `out`, or under its own name below that if it is a folder or is written as one.

    Raises:
        InputError: `out` is named like no recording.
    """
    if out.endswith("/") or Path(out).is_dir():
        return Path(out) / name
    container_of(out)
    return Path(out)


def output_folder(out: str) -> Path:
    """Where several conversions go.

    Raises:
        InputError: `out` is a file, or is named like a recording.
    """
    folder = Path(out)
    is_named_so = folder.suffix.lower().removeprefix(".") in CONTAINERS and not out.endswith("/")
    if folder.is_file() or (is_named_so and not folder.is_dir()):
        raise InputError(f"{out}: is a file or is named like one; several conversions need a folder, such as -o out/")
    return folder


def lines_of(source: Path, targets: Sequence[Path], folder: Path) -> list[Line]:
    """The conversions of all recordings below a folder.

    Raises:
        InputError: There are none, or conversions would go where sources are: next time they would be sources too.
    """
    whole, here = source.resolve(), folder.resolve()
    if whole in (here, *here.parents):
        raise InputError(
            f"{folder}: lies in {source}, of which all is converted, next time the conversions too; give another "
            f"place, such as -o {whole.parent / f'{whole.name}-converted'}"
        )
    lines = [Line(path, tuple(targets), name) for name, path in files_below(source)]
    refuse_overwriting(lines, folder)
    tell_of_suffixes(lines)
    return lines


def tell_of_suffixes(lines: Sequence[Line]) -> None:
    """Says which names keep the suffix of their source, since another source differs in nothing else."""
    if kept := [line for line in lines if Path(line.name).name == line.source.name]:
        told = f"another recording has the same name but for the suffix: it becomes {kept[0].name}.wav"
        print(f"{kept[0].source}: {told}{f', and so for {len(kept) - 1} more' * (len(kept) > 1)}", file=sys.stderr)


def refuse_overwriting(lines: Sequence[Line], folder: Path) -> None:
    """Raises an InputError if the conversion of one line would be written over a recording that another one names."""
    given = {path.resolve() for line in lines for path in (line.source, *line.targets)}
    if clash := [line.name for line in lines if (folder / f"{line.name}.wav").resolve() in given]:
        raise InputError(f"{folder}/{clash[0]}.wav: is one of the recordings to convert; give another -o")
