"""vcdisent: what stays and what changes in a sequence, learnt from recordings alone (C-DSVAE), and put to use.

>>> import vcdisent
>>> voice = vcdisent.load()  # the model that comes with the package, or load("exp/folder")
>>> wav, sample_rate = voice.convert("source.wav", ["target.wav"])
>>> static = voice.embed("source.wav").static
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_LAZY = {"load": "vcdisent.loading", "InputError": "vcdisent.errors"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'vcdisent' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
