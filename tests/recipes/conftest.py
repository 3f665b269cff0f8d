"""A copy of the repository's scripts, so that a recipe under test writes nowhere else."""

import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MADE_BY_RECIPES = shutil.ignore_patterns("data", "dump", "exp", "downloads")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with everything but the package and its environment."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("run.sh", "path.sh", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, root)
    for name in ("recipes", "egs"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=MADE_BY_RECIPES)
    return root
