"""Checkpoint folders to objects that are ready for use."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vcdisent.config import build, compose, is_video, naming, require
from vcdisent.errors import InputError

if TYPE_CHECKING:
    from vcdisent.batches import Normaliser
    from vcdisent.conversion.converter import Converter
    from vcdisent.conversion.video_model import VideoModel
    from vcdisent.vocoder import Vocoder

SHIPPED = Path(__file__).parent / "shipped"
"""The checkpoint folder that comes with the package."""
VOCODERS = Path(__file__).parent / "conf" / "vocoder"
"""Has a file for each vocoder that needs no training."""


def load(
    folder: str | Path | None = None,
    device: str = "auto",
    vocoder: str | Path | None = None,
    *,
    strength: float | None = None,
    matching: float | None = None,
    covariance: float | None = None,
    variance: float | None = None,
    retrieval: float | None = None,
    warping: float | None = None,
    adaptation: float | None = None,
    seed: int | None = None,
) -> Converter:
    """Loads a checkpoint folder of a model of speech.

    Args:
        folder: The folder, or `organisation/name` on the Hugging Face hub; None is the model that comes with the
            package.
        device: `auto`, `cpu` or `cuda`.
        vocoder: `griffin_lim`, `source_filter` or `world`; or, like `folder`, one that was trained
            (`experiment=vocoder`); None is the checkpoint's own.
        strength: Of conversions, as the next six, see `Ways`; None is the checkpoint's own.
        matching: Likewise.
        covariance: Likewise.
        variance: Likewise.
        retrieval: Likewise.
        warping: Likewise.
        adaptation: Likewise.
        seed: Keys what a vocoder draws, as `griffin_lim_random` does alone; None is the checkpoint's own. With it
            or without, conversions are the same each time.

    Raises:
        InputError: The folder is not whole, holds another kind of checkpoint, there is no such device, or a way goes
            too far.
    """
    from vcdisent.conversion.converter import Converter
    from vcdisent.conversion.ways import Ways
    from vcdisent.training import checkpoint
    from vcdisent.training.distributed import pick_device
    from vcdisent.training.published import checkpoint_folder
    from vcdisent.vocoder.griffin_lim import GriffinLim

    path, on = checkpoint_folder(folder or SHIPPED), pick_device(device)
    config, dev = read_folder(path)
    if is_video(config):
        raise InputError(f"{path}: holds a model of video, which has no voice; give a checkpoint trained on speech")
    if is_vocoder(config):
        raise InputError(f"{path}: holds a vocoder; give it as the vocoder of a checkpoint that tells voices apart")
    with naming(path / checkpoint.DEV):
        require(dev, "threshold", kind=float)
        if not math.isfinite(dev["threshold"]):
            raise InputError(f"threshold={dev['threshold']} is not a finite number; train again")
    features, normaliser, model = build_trained(path, config)
    made = make_vocoder(vocoder, path, config, features)
    if seed is not None and isinstance(made, GriffinLim):
        made.seed = seed
    with naming(path / checkpoint.CONFIG):
        own = Ways(**{name: config[name] for name in Ways.__dataclass_fields__ if name in config})
    ways = {
        "strength": strength,
        "matching": matching,
        "covariance": covariance,
        "variance": variance,
        "retrieval": retrieval,
        "warping": warping,
        "adaptation": adaptation,
    }
    wanted = replace(own, **{name: value for name, value in ways.items() if value is not None})
    return Converter(features, normaliser, model, made, dev["threshold"], on, wanted)


def make_vocoder(name: str | Path | None, path: Path, config: dict[str, Any], features: Any) -> Vocoder:
    """The vocoder of that name, in that folder, or of a checkpoint itself where there is no name.

    Args:
        name: See `load`; a name of ours comes before a folder's.
        path: The checkpoint folder whose frames the vocoder takes.
        config: Its configuration.
        features: What the frames are made by.

    Raises:
        InputError: There is none, or it was trained on other frames.
    """
    if name is None:
        from vcdisent.training.checkpoint import CONFIG

        with naming(path / CONFIG):
            require(config, "vocoder.kind")
            return build(config["vocoder"], features=features)
    is_named = (VOCODERS / f"{name}.yaml").is_file()
    if is_named or ("/" not in str(name) and not Path(name).is_dir()):
        return build(compose([f"vocoder={name}"])["vocoder"], features=features)
    return load_vocoder(name, config["features"], features)


def load_vocoder(folder: str | Path, settings: dict[str, Any], features: Any) -> Vocoder:
    """A trained vocoder from its folder, or the hub, for frames made by `features`, which have these `settings`.

    Raises:
        InputError: The folder holds no vocoder, or one that was trained on other frames.
    """
    from vcdisent.training.published import checkpoint_folder
    from vcdisent.vocoder.neural import NeuralVocoder

    path = checkpoint_folder(folder)
    config, _ = read_folder(path)
    if not is_vocoder(config):
        raise InputError(f"{path}: holds no vocoder; train one with experiment=vocoder")
    if config["model"].get("features") != settings:
        raise InputError(f"{path}: was trained on other frames than the model's; see model.features in its config.yaml")
    return NeuralVocoder(features, build_trained(path, config)[2])


def is_vocoder(config: dict[str, Any]) -> bool:
    """Whether a configuration is of a vocoder, which makes waveforms of frames and knows no codes."""
    return config["features"]["kind"] == "Waveform"


def load_video(folder: str | Path, device: str = "auto") -> VideoModel:
    """Loads a checkpoint folder of a model of video.

    Args:
        folder: The folder, or `organisation/name` on the Hugging Face hub.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        InputError: The folder is not whole, holds another kind of checkpoint, or there is no such device.
    """
    from vcdisent.conversion.video_model import VideoModel
    from vcdisent.training.distributed import pick_device
    from vcdisent.training.published import checkpoint_folder

    path, on = checkpoint_folder(folder), pick_device(device)
    config, _ = read_folder(path)
    if not is_video(config):
        raise InputError(f"{path}: holds a model of speech, which sees nothing; give a checkpoint trained on video")
    return VideoModel(*build_trained(path, config), on)


def read_folder(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Configuration of a checkpoint folder, and what dev said of it.

    Raises:
        InputError: It is not whole.
    """
    from vcdisent.training import checkpoint

    config, dev = (checkpoint.load_yaml(path / name) for name in (checkpoint.CONFIG, checkpoint.DEV))
    with naming(path / checkpoint.CONFIG):
        require(config, "features.kind", "model.kind")
    return config, dev


def build_trained(path: Path, config: dict[str, Any]) -> tuple[Any, Normaliser, Any]:
    """Features, normaliser and trained model of a checkpoint folder with that configuration.

    Raises:
        InputError: The folder is not whole.
    """
    from vcdisent.training import checkpoint

    with naming(path / checkpoint.CONFIG):
        features, model = build(config["features"]), build(config["model"])
    checkpoint.load_weights(model, path / checkpoint.WEIGHTS)
    return features, checkpoint.load_normaliser(path / checkpoint.STATISTICS, features.frame_shape), model
