"""A folder that a corpus made by this package has to itself."""

from pathlib import Path

from vcdisent.atomic import write_text
from vcdisent.errors import InputError


def claim(root: Path, readme: str, name: str) -> None:
    """Make `root` ours by a README, which also tells this version's corpus from another's.

    Args:
        root: a new or empty folder, or one that was claimed before.
        readme: says what is made there, and by which recipe.
        name: how to call the corpus in an error.

    Raises:
        InputError: `root` holds something else.
    """
    present = root / "README"
    if present.is_file() and present.read_text(encoding="utf-8") == readme:
        return
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(f"{root}: holds something other than this version's {name}: give a new or an empty folder")
    write_text(present, readme)
