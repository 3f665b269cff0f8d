"""Checkpoints that others have made: packed in a folder, or on the Hugging Face hub."""

import re
import shutil
from pathlib import Path

from vcdisent.atomic import whole_file
from vcdisent.errors import InputError
from vcdisent.training.checkpoint import CARD, CONFIG, DEV, MADE_BY, STATISTICS, WEIGHTS

FILES = (CONFIG, WEIGHTS, STATISTICS, DEV, CARD, MADE_BY)
"""What using a checkpoint takes, and what tells of it; nothing that runs, and nothing that only resuming needs."""
OPTIONAL = {CARD, MADE_BY}
ON_HUB = re.compile(r"[\w.-]+/[\w.-]+")
PATIENCE_S = 10


def checkpoint_folder(name: str | Path) -> Path:
    """The folder of a checkpoint: one that is here, or one that is fetched from the hub as `organisation/name`.

    A name is asked for on the hub only where nothing here can be meant: neither it nor what is before its slash.

    Raises:
        InputError: It is neither here nor to be had.
    """
    path = Path(name)
    if path.is_dir():
        return path
    if not ON_HUB.fullmatch(str(name)) or path.parent.exists():
        raise InputError(f"{name}: is no checkpoint folder; name one that vcdisent train has made")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(str(name), allow_patterns=list(FILES), etag_timeout=PATIENCE_S))
    except Exception as error:  # whatever the network, a proxy or the hub come up with, which are many kinds
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
        raise InputError(
            f"{name}: is no folder here, and the Hugging Face hub does not give it ({reason}); name a checkpoint folder"
        ) from None


def pack(folder: Path, out: Path) -> int:
    """Copies what using a checkpoint takes to an empty or new folder; returns its size in bytes.

    Raises:
        InputError: The checkpoint is not whole, or the folder has other things in it.
    """
    missing = [file for file in FILES if file not in OPTIONAL and not (folder / file).is_file()]
    if missing:
        raise InputError(f"{folder}: has no {missing[0]}; name a checkpoint folder that vcdisent train has made")
    strange = sorted(path.name for path in out.iterdir() if path.name not in FILES) if out.is_dir() else []
    if strange:
        raise InputError(f"{out}: has {strange[0]} in it, which is of no checkpoint; name a new folder")
    size = 0
    for file in filter(lambda name: (folder / name).is_file(), FILES):
        with whole_file(out / file) as partial:
            shutil.copyfile(folder / file, partial)
        size += (out / file).stat().st_size
    return size
