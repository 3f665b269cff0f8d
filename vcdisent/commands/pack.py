"""vcdisent pack: a checkpoint as others need it."""

from pathlib import Path

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.training import published


def pack(folder: Path, out: Path) -> int:
    """Packs a checkpoint that can be used, and says how to publish it.

    Raises:
        InputError: The checkpoint is not whole, or the new folder has other things in it.
    """
    found = published.checkpoint_folder(folder)
    config, _ = loading.read_folder(found)
    is_vocoder = loading.is_vocoder(config)
    if is_vocoder:  # what does not load is not for others
        loading.build_trained(found, config)
    else:
        (loading.load_video if configuration.is_video(config) else loading.load)(found, "cpu")
    size, used_by = published.pack(found, out), "--vocoder" if is_vocoder else "--model"
    print(f"{out}: {size / 1e6:.1f} MB; use it with {used_by} {out}, or publish it: hf upload ORGANISATION/NAME {out}")
    return 0
