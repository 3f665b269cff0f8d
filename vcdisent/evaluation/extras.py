"""Packages that an extra of this one brings, imported when they are wanted."""

import importlib
import warnings
from types import ModuleType

from vcdisent.errors import InputError


def extra(module: str, of: str = "judge") -> ModuleType:
    """A module that one of the package's extras brings.

    Raises:
        InputError: It cannot be imported.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # these packages still import what their own dependencies have deprecated
            return importlib.import_module(module)
    except ImportError as error:
        raise InputError(f"{module} cannot be imported ({error}): install vcdisent[{of}]") from None
