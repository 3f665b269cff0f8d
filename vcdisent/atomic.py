"""Files that appear whole or not at all."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vcdisent.errors import InputError


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path, which takes the name `path` if the block ends well and vanishes if it does not.

    It lies beside `path`, starts with a dot and has its suffix; folders on the way are made.

    Raises:
        InputError: nothing can be written there.
    """
    path = Path(path)
    temporary = path.parent / f".{uuid.uuid4().hex}{path.suffix}"
    _make_writable(path, temporary)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all.

    Raises:
        InputError: nothing can be written there.
    """
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _make_writable(path: Path, temporary: Path) -> None:
    """Makes the folder of `path`, and sees that files can be made in it, which only trying tells."""
    if path.is_dir():
        raise InputError(f"{path}: cannot be written, it is a folder: give the name of a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: its folder cannot be made ({error.strerror}): choose another place") from None
    try:
        temporary.touch()
        temporary.unlink()
    except OSError as error:
        raise InputError(f"{path}: cannot be written there ({error.strerror}): choose another place") from None
