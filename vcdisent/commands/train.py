"""vcdisent train: from two features folders to a checkpoint folder."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vcdisent import config as configuration
from vcdisent.atomic import write_text
from vcdisent.augment.keep_static import Shuffle
from vcdisent.batches import FrameBank, SegmentBatches
from vcdisent.conversion.ways import Ways
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import DevCriterion, ReconstructionPictures
from vcdisent.evaluation.copy_synthesis import CopyCriterion, CopyPictures
from vcdisent.features import store
from vcdisent.provenance import provenance
from vcdisent.training import checkpoint
from vcdisent.training.distributed import pick_device, process_group
from vcdisent.training.loop import Criterion, Pictures, Trainer
from vcdisent.training.model_card import model_card
from vcdisent.training.published import checkpoint_folder
from vcdisent.vocoder.istft_generator import IstftGenerator

KINDS = ("features", "model", "objective", "augment.keep_static", "augment.keep_dynamic")
STOPPED = "; stopped before trainer.max_steps, the same command goes on"
BACKGROUND_BATCHES = 8
"""How many batches of training segments the centres of codes are taken over."""

NUM_READ = 64
"""How many training segments information is read of, whatever a run's batches and views: estimates are capped by it."""

MAY_CHANGE = {"trainer", "vocoder", "out"} | {way.name for way in fields(Ways)}
"""Parts of the configuration that may differ when a run is resumed."""

MOST_NAMED = 8
"""Settings that a refusal to resume names."""


def train(config: dict[str, Any]) -> bool:
    """Trains, or resumes, what `config` describes; says whether it got to the end.

    Raises:
        InputError: Something is not given, is of the wrong kind, or belongs to another run.
    """
    configuration.require(config, "out", "corpus.train", "corpus.dev", *(f"{part}.kind" for part in KINDS))
    configuration.require(config, "seed", "trainer.batch_size", kind=int)
    folder = Path(str(config["out"]))
    device = pick_device(config["trainer"]["device"])
    with process_group(device) as (rank, num_ranks):
        torch.manual_seed(config["seed"])
        trainer = make_trainer(config, folder, device, rank, num_ranks)
        if rank == 0:
            start_folder(config, folder, trainer)
        finished = trainer.fit()
        if rank == 0:
            dev = checkpoint.load_yaml(folder / checkpoint.DEV)
            amount = trainer.batches.bank.amount(configuration.frame_seconds(config))
            write_text(folder / checkpoint.CARD, model_card(config, dev, amount))
            print(f"{folder}: step {trainer.step}, weights of step {dev['step']}" + ("" if finished else STOPPED))
    return finished


def make_trainer(config: dict[str, Any], folder: Path, device: torch.device, rank: int, num_ranks: int) -> Trainer:
    """Builds everything that a run needs, on the device.

    Raises:
        InputError: The configuration and the data do not go together.
    """
    check_parts(config)
    folders = {split: Path(str(config["corpus"][split])) for split in ("train", "dev")}
    banks = {split: load_bank(path, config["features"], device) for split, path in folders.items()}
    frame_shape = configuration.frame_shape(config)
    normaliser = checkpoint.load_normaliser(folders["train"] / store.STATISTICS, frame_shape).to(device)
    settings = {name: value for name, value in config["trainer"].items() if name not in ("device", "batch_size")}
    batch_size = config["trainer"]["batch_size"]
    if batch_size < 1:
        raise InputError(f"configuration: trainer.batch_size={batch_size} makes no sense; give 1 or more")
    counted = {"num_speakers": banks["train"].num_speakers} if "num_speakers" in config["objective"] else {}
    model = configuration.build(config["model"]).to(device)
    if config.get("start_from") and not (folder / checkpoint.STATE).exists():
        checkpoint.load_weights(model, checkpoint_folder(str(config["start_from"])) / checkpoint.WEIGHTS)
    objective = configuration.build(config["objective"], **counted).to(device)
    check_view(config, getattr(objective, "weights", {}))
    views = configuration.build(config["augment"])
    batches_for = partial(
        SegmentBatches,
        banks["train"],
        normaliser,
        **views,
        batch_size=batch_size,
        num_frames=model.segment_frames,
        seed=config["seed"],
    )
    return Trainer(
        model,
        objective,
        batches_for(rank=rank, num_ranks=num_ranks),
        *looks_at_dev(model, banks["dev"], batches_for),
        folder,
        configuration.build({"kind": "Settings", **settings}),
    )


def looks_at_dev(
    model: nn.Module, dev: FrameBank, batches_for: Callable[..., SegmentBatches]
) -> tuple[Criterion, Pictures]:
    """What a run is told of dev, by figures and by pictures: codes of a model, copies of a vocoder."""
    training = batches_for()
    if isinstance(model, IstftGenerator):
        copies = CopyCriterion(dev, training.normaliser.device)
        return copies, CopyPictures(copies)
    background = [training.batch(step) for step in range(BACKGROUND_BATCHES)]
    read = batches_for(keep_static=Shuffle(), batch_size=min(NUM_READ, len(training.long_enough))).batch(0)
    criterion = DevCriterion(dev, training.normaliser, background, read)
    return criterion, ReconstructionPictures(dev, training.normaliser, training.num_frames)


def check_parts(config: dict[str, Any]) -> None:
    """Sees that waveforms, a generator of them and its objective come together, or none of them.

    Raises:
        InputError: They do not.
    """
    of_vocoder = {"features": "Waveform", "model": "IstftGenerator", "objective": "VocoderObjective"}
    if len({config[part]["kind"] == kind for part, kind in of_vocoder.items()}) > 1:
        raise InputError(
            f"configuration: {', '.join(of_vocoder.values())} go together: give experiment=vocoder, or none of them"
        )


def check_view(config: dict[str, Any], weights: Mapping[str, float]) -> None:
    """Sees that the keep-dynamic view is of frames that it is made for, or that no term has a weight that needs it.

    Raises:
        InputError: It is not.
    """
    features, view = config["features"]["kind"], config["augment"]["keep_dynamic"]["kind"]
    reads_view = bool(config["objective"].get("reads_view"))
    needs_view = reads_view or bool(weights.get("mi_dynamic"))
    if config["augment"]["keep_static"]["kind"] == "ShuffleMirrored" and not configuration.is_video(config):
        raise InputError("configuration: ShuffleMirrored is for video: speech has no mirror image")
    if view == "Unchanged":
        if needs_view:
            reader = "objective.reads_view" if reads_view else "mi_dynamic; set its weight to 0"
            raise InputError(f"configuration: augment=none has no view for {reader}")
        return
    moving = [name for name in ("tract", "pitch") if config["augment"]["keep_dynamic"].get(name, 1.0) != 1.0]
    if reads_view and moving:
        raise InputError(
            "configuration: objective.reads_view wants a view with the same voice, and augment.keep_dynamic."
            f"{moving[0]} moves it; use augment=channel"
        )
    if configuration.is_video(config) != (configuration.MODULES.get(view) == configuration.MODULES["Chain"]):
        raise InputError(
            f"configuration: {view} makes no views of {features}; augment=video and the like are for video, others for "
            "speech"
        )
    needs_world = view == "WorldWarp"
    if view in ("SpeakerWarp", "WorldWarp") and needs_world != (features == "World") and needs_view:
        kind, other = ("World's frames", "speaker_warp") if needs_world else ("log spectra", "world_warp")
        raise InputError(
            f"configuration: {view} takes {kind}, not {features}'s; use augment={other} or another_segment"
            f"{'' if needs_world else '_world_warp'}, or objective.weights.mi_dynamic=0"
        )


def load_bank(folder: Path, features: dict[str, Any], device: torch.device) -> FrameBank:
    """The packed frames of a features folder.

    Raises:
        InputError: They were made with other features.
    """
    made_with = store.read_settings(folder)
    differing = sorted(key for key in made_with.keys() | features.keys() if made_with.get(key) != features.get(key))
    if differing:
        raise InputError(
            f"{folder}: was made with other features than this run's ({', '.join(differing)}); run vcdisent features"
        )
    return FrameBank.load(folder, device)


def start_folder(config: dict[str, Any], folder: Path, trainer: Trainer) -> None:
    """Writes what does not change while training; sees that a folder to be resumed is of the same run.

    Raises:
        InputError: The folder holds another run, or one that has learnt from other sequences.
    """
    path, train_set = folder / checkpoint.CONFIG, Path(str(config["corpus"]["train"]))
    digest = store.digest(train_set)
    if path.exists():
        before = checkpoint.load_yaml(path)
        if before["corpus"].pop("digest", digest) != digest:
            raise InputError(f"{folder}: has learnt from other sequences than {train_set} has now; name another out=")
        own, other = (
            settings(configuration.with_defaults({k: v for k, v in run.items() if k not in MAY_CHANGE}))
            for run in (before, config)
        )
        differing = sorted(key for key in own.keys() | other.keys() if own.get(key) != other.get(key))
        if differing:
            named = ", ".join(differing[:MOST_NAMED]) + ", ..." * (len(differing) > MOST_NAMED)
            raise InputError(f"{folder}: holds a run with another {named}; name another out= or remove it")
    checkpoint.save_yaml(path, {**config, "corpus": {**config["corpus"], "digest": digest}})
    checkpoint.save_yaml(folder / checkpoint.MADE_BY, provenance())
    checkpoint.save_tensors(folder / checkpoint.STATISTICS, trainer.batches.normaliser.state_dict())


def settings(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of a configuration by their names as overrides give them, such as `trainer.max_steps`."""
    found: dict[str, Any] = {}
    for name, value in config.items():
        deeper = settings(value, f"{prefix}{name}.") if isinstance(value, dict) and value else {prefix + name: value}
        found |= deeper
    return found
