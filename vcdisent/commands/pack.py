"""vcdisent pack: a checkpoint as others need it."""

from pathlib import Path

from vcdisent import config as configuration
from vcdisent.training import published


def pack(folder: Path, out: Path) -> int:
    """Packs a checkpoint that can be used, and says how to publish it.

    Raises:
        InputError: The checkpoint is not whole, or the new folder has other things in it.
    """
    found = published.checkpoint_folder(folder)
    is_video = configuration.is_video(configuration.read_folder(found)[0])
    (configuration.load_video if is_video else configuration.load)(found, "cpu")  # what does not load is not for others
    size = published.pack(found, out)
    print(f"{out}: {size / 1e6:.1f} MB; use it with --model {out}, or publish it: hf upload ORGANISATION/NAME {out}")
    return 0
