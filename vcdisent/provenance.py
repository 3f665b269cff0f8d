"""Where a figure came from: kept beside it, so that somebody else can make it again."""

import os
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any


def provenance() -> dict[str, Any]:
    """Command, version, commit (None outside a checkout), machine and date of what runs now, as plain values."""
    return {
        "command": shlex.join(["vcdisent", *sys.argv[1:]]),
        "version": version("vcdisent"),
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
    }


def commit() -> str | None:
    """The checked-out commit of this code, with a `+` where files differ from it."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed.stdout else "")


def in_words(made_by: dict[str, Any]) -> str:
    """One line of Markdown."""
    return f"`{made_by['command']}` (commit {made_by['commit']}, {made_by['machine']}, {made_by['date']} UTC)"
