"""Checkpoint folders: weights as safetensors, configuration as yaml, and nothing that runs when it is read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from vcdisent.atomic import whole_file, write_text
from vcdisent.batches import Normaliser
from vcdisent.errors import InputError

CONFIG, WEIGHTS, STATISTICS, DEV, STATE, CARD, MADE_BY = (
    "config.yaml",
    "model.safetensors",
    "stats.safetensors",
    "dev.yaml",
    "state.pt",
    "README.md",
    "made_by.yaml",
)


def save_yaml(path: Path, mapping: Mapping[str, Any]) -> None:
    """Writes plain values in the order given."""
    write_text(path, yaml.safe_dump(dict(mapping), sort_keys=False))


def load_yaml(path: Path) -> dict[str, Any]:
    """Reads plain values.

    Raises:
        InputError: The file is missing or is no mapping.
    """
    try:
        mapping = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise InputError(
            f"{path}: is missing; a checkpoint folder holds {CONFIG}, {WEIGHTS}, {STATISTICS} and {DEV}"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path}: cannot be read as yaml ({str(error).splitlines()[0]})") from None
    if not isinstance(mapping, dict):
        raise InputError(f"{path}: holds no mapping of names to values")
    return mapping


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Writes tensors under their names."""
    with whole_file(path) as partial:
        partial.write_bytes(save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Reads tensors under their names.

    Raises:
        InputError: The file is missing or is no safetensors file.
    """
    if not path.is_file():
        raise InputError(f"{path}: is missing; a checkpoint folder holds {CONFIG}, {WEIGHTS}, {STATISTICS} and {DEV}")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise InputError(f"{path}: is not a whole safetensors file ({error})") from None


def load_weights(model: torch.nn.Module, path: Path) -> None:
    """Puts saved weights into `model`.

    Raises:
        InputError: They are those of another model.
    """
    try:
        model.load_state_dict(load_tensors(path))
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise InputError(
            f"{path}: holds the weights of another model than the configuration describes ({reason[:160]})"
        ) from None


def load_normaliser(path: Path, frame_shape: Sequence[int]) -> Normaliser:
    """Reads the statistics that frames of a shape are normalised by: (F,) of speech, (C, H, W) of video.

    Raises:
        InputError: The file is missing or holds something else.
    """
    tensors = load_tensors(path)
    if not {"mean", "std"} <= tensors.keys():
        raise InputError(f"{path}: holds {sorted(tensors)}, not mean and std")
    if not all(suits(tensors[name], frame_shape) for name in ("mean", "std")):
        shape = " x ".join(map(str, frame_shape))
        raise InputError(f"{path}: is not of frames of {shape} values, as num_bins or the features here have")
    return Normaliser(tensors["mean"], tensors["std"])


def suits(statistic: Tensor, frame_shape: Sequence[int]) -> bool:
    """Whether a statistic has a value for each in a frame, or, where that has several axes, one along some of them."""
    if statistic.dim() != len(frame_shape):
        return False
    is_image = len(frame_shape) > 1
    return all(own == size or (is_image and own == 1) for own, size in zip(statistic.shape, frame_shape, strict=True))


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Writes what resuming needs: tensors and plain values."""
    with whole_file(path) as partial:
        torch.save(dict(state), partial)


def load_state(path: Path) -> dict[str, Any]:
    """Reads what resuming needs, on to the CPU; refuses a file with anything but tensors and plain values.

    Raises:
        InputError: The file is damaged or holds code.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises half a dozen kinds for a damaged file
        raise InputError(
            f"{path}: cannot be resumed from ({repr(error).splitlines()[0][:160]}); remove it to start anew"
        ) from None
