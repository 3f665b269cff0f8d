"""The only place where objects are built from configuration.

Hydra composes; what is kept in a checkpoint needs no Hydra.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vcdisent.errors import InputError
from vcdisent.overrides import choices, complaint

if TYPE_CHECKING:
    from torch import nn

MODULES = {
    "LogMagnitude": "vcdisent.features.spectrogram",
    "LogMel": "vcdisent.features.spectrogram",
    "World": "vcdisent.features.world",
    "Waveform": "vcdisent.features.waveform",
    "VideoFrames": "vcdisent.features.frames",
    "Shuffle": "vcdisent.augment.keep_static",
    "ShuffleMirrored": "vcdisent.augment.keep_static",
    "Reverse": "vcdisent.augment.keep_static",
    "AnotherSegment": "vcdisent.augment.keep_static",
    "SpeakerWarp": "vcdisent.augment.keep_dynamic_audio",
    "WorldWarp": "vcdisent.augment.keep_dynamic_world",
    "Unchanged": "vcdisent.augment.unchanged",
    "StoredViews": "vcdisent.augment.stored_views",
    "Chain": "vcdisent.augment.keep_dynamic_video",
    "CropResize": "vcdisent.augment.keep_dynamic_video",
    "Stretch": "vcdisent.augment.keep_dynamic_video",
    "ColourDistortion": "vcdisent.augment.keep_dynamic_video",
    "GaussianBlur": "vcdisent.augment.keep_dynamic_video",
    "Noise": "vcdisent.augment.keep_dynamic_video",
    "WorldMethod": "vcdisent.augment.classical_world",
    "IncaMethod": "vcdisent.augment.classical_inca",
    "SequenceVAE": "vcdisent.model.sequence_vae",
    "SpeakerNetwork": "vcdisent.model.speaker_network",
    "AudioEncoder": "vcdisent.model.frame_coders",
    "AudioDecoder": "vcdisent.model.frame_coders",
    "ModulatedDecoder": "vcdisent.model.modulated_decoder",
    "VideoEncoder": "vcdisent.model.video_coders",
    "VideoDecoder": "vcdisent.model.video_coders",
    "StaticPosterior": "vcdisent.model.posterior",
    "BidirectionalPosterior": "vcdisent.model.posterior",
    "ConvolutionalPosterior": "vcdisent.model.convolutional_posterior",
    "AutoregressivePosterior": "vcdisent.model.autoregressive_posterior",
    "SingleFramePosterior": "vcdisent.model.single_frame_posterior",
    "DifferencePosterior": "vcdisent.model.single_frame_posterior",
    "LSTMPrior": "vcdisent.model.prior",
    "DisentanglingObjective": "vcdisent.objective.objective",
    "AdversarialObjective": "vcdisent.objective.adversarial",
    "FrameDiscriminator": "vcdisent.objective.adversarial",
    "Contrastive": "vcdisent.objective.contrastive",
    "MinibatchWeighted": "vcdisent.objective.minibatch_weighted",
    "CrossMinibatchWeighted": "vcdisent.objective.minibatch_weighted",
    "Club": "vcdisent.objective.club",
    "SequenceClub": "vcdisent.objective.club",
    "HalvesAdversary": "vcdisent.objective.adversary",
    "SpeakerClassification": "vcdisent.objective.speaker_classification",
    "S3VAEObjective": "vcdisent.objective.s3vae",
    "RWAEObjective": "vcdisent.objective.rwae",
    "SPYLObjective": "vcdisent.objective.spyl",
    "DBSEObjective": "vcdisent.objective.dbse",
    "GriffinLim": "vcdisent.vocoder.griffin_lim",
    "SourceFilter": "vcdisent.vocoder.source_filter",
    "WorldVocoder": "vcdisent.vocoder.world",
    "IstftGenerator": "vcdisent.vocoder.istft_generator",
    "SpectrogramDiscriminators": "vcdisent.vocoder.discriminator",
    "VocoderObjective": "vcdisent.vocoder.objective",
    "Settings": "vcdisent.training.loop",
}
"""Every class that a configuration may name, and the module that has it. Nothing else is ever imported for one."""

Module = TypeVar("Module", bound="nn.Module")


def compose(overrides: Sequence[str]) -> dict[str, Any]:
    """Hydra's configuration under `overrides`, as plain values with everything resolved.

    Raises:
        InputError: An override names a group, an option or a value that is not there.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_module
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    chosen = choices(overrides)
    try:
        with initialize_config_module("vcdisent.conf", version_base="1.3"):
            composed = hydra_compose("config", list(overrides))
        return cast(dict[str, Any], OmegaConf.to_container(composed, resolve=True))
    except (HydraException, OmegaConfBaseException, ValueError) as error:  # ValueError: for a number in hydra's groups
        raise InputError(f"configuration: {complaint(error, lambda: compose(chosen))}") from None


def require(config: dict[str, Any], *names: str, kind: type = object) -> None:
    """Sees that dotted `names` were given, and are of a kind.

    Raises:
        InputError: One is not.
    """
    for name in names:
        node: Any = config
        for key in name.split("."):
            node = node.get(key, "???") if isinstance(node, dict) else "???"
        if node in ("???", None, ""):
            raise InputError(f"configuration: {name} is not given; add {name}=VALUE")
        if not isinstance(node, kind):
            raise InputError(f"configuration: {name}={node} is no {kind.__name__}")


def build(node: Any, **extra: Any) -> Any:
    """Builds what a mapping with a `kind` describes, and whatever it or a list holds; other values stay what they are.

    Args:
        node: Part of a configuration.
        **extra: More arguments for the outermost object.

    Raises:
        InputError: The kind is not known, or does not take what it is given.
    """
    if isinstance(node, list):
        return [build(value) for value in node]
    if not isinstance(node, dict):
        return node
    arguments = {name: build(value) for name, value in node.items() if name != "kind"} | extra
    if "kind" not in node:
        return arguments
    kind = node["kind"]
    if not isinstance(kind, str) or kind not in MODULES:
        nearest = ", ".join(get_close_matches(str(kind), MODULES, cutoff=0.0))
        raise InputError(f"configuration: {kind!r} is no kind that there is; the nearest are {nearest}")
    try:
        made = getattr(import_module(MODULES[kind]), kind)
        see_that_it_takes(kind, made, arguments)
        return made(**arguments)
    except (TypeError, ValueError, AttributeError, RuntimeError) as error:  # torch raises the last for sizes
        reason = str(error).splitlines()[0].split(".__init__() ")[-1]
        raise InputError(f"configuration: {kind}: {reason[:200]}") from None


def with_defaults(node: Any) -> Any:
    """A configuration with what its kinds take by default, so that an older one and a newer one compare."""
    if isinstance(node, list):
        return [with_defaults(value) for value in node]
    if not isinstance(node, dict):
        return node
    given = {name: with_defaults(value) for name, value in node.items()}
    if node.get("kind") not in MODULES:
        return given
    made = getattr(import_module(MODULES[node["kind"]]), node["kind"])
    parameters = signature(made).parameters.values()
    return {own.name: own.default for own in parameters if own.default is not own.empty} | given


def see_that_it_takes(kind: str, made: Callable[..., Any], arguments: Iterable[str]) -> None:
    """Raises an `InputError` that says what `made` takes, where it does not take all of `arguments`."""
    parameters = signature(made).parameters.values()
    known = [own.name for own in parameters if own.kind not in (own.VAR_POSITIONAL, own.VAR_KEYWORD)]
    if unknown := [name for name in arguments if name not in known]:
        raise InputError(
            f"configuration: {kind} takes no {' or '.join(unknown)}; it takes {', '.join(known) or 'nothing'}"
        )


def untrained(model: Module, seed: int = 0) -> Module:
    """A copy of `model` with weights drawn anew under `seed`: what its architecture alone can do."""
    import torch

    fresh = copy.deepcopy(model)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for module in fresh.modules():
            reset = getattr(module, "reset_parameters", None)
            if reset is not None:
                reset()
    for name, centre in fresh.named_buffers():
        if name.endswith("_centre"):
            centre.zero_()
    return fresh


def is_video(config: dict[str, Any]) -> bool:
    """Whether a configuration is of a model of video, not of speech: nothing else tells."""
    return config["features"]["kind"] == "VideoFrames"


def frame_shape(config: dict[str, Any]) -> tuple[int, ...]:
    """Shape of a frame, without the features being built, which a bare GPU node cannot: (F,), or (C, H, W) of video."""
    if not is_video(config):
        return (config["num_bins"],)
    return tuple(config["features"][name] for name in ("num_channels", "height", "width"))


def frame_seconds(config: dict[str, Any]) -> float | None:
    """Time from one frame to the next in seconds; None where the features say nothing of it, as those of video."""
    features = config["features"]
    return features["hop_length"] / features["sample_rate"] if "hop_length" in features else None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Puts the name of the file at fault before what is wrong with it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
