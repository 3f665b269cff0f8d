"""What tests of several packages share: small models, noise, a tiny corpus with its frames, a checkpoint, commands."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

if TYPE_CHECKING:
    from vcdisent.batches import Keyed
    from vcdisent.model.sequence_vae import SequenceVAE

NUM_BINS, NUM_FEATURES, STATIC_SIZE, DYNAMIC_SIZE, SEGMENT_FRAMES = 12, 16, 6, 4, 8


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs a GPU where there is none."""
    if item.get_closest_marker("requires_cuda"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device")


def pytest_runtest_call() -> None:
    """Takes away speechbrain's redirects of old names, which raise when looked at: hypothesis looks at all."""
    for name, module in list(sys.modules.items()):
        if type(module).__name__ == "DeprecatedModuleRedirect":
            del sys.modules[name]


@pytest.fixture
def make_model() -> Callable[..., SequenceVAE]:
    """Makes a SequenceVAE of 12 bins, 6 static and 4 dynamic dimensions, for segments of 8 frames."""
    import torch

    from vcdisent.config import build

    def make(posterior: str = "BidirectionalPosterior", instance_norm: bool = False) -> SequenceVAE:
        torch.manual_seed(0)
        inputs = {"num_inputs": NUM_FEATURES, "num_hidden": 8}
        dynamic = {"kind": posterior, "dynamic_size": DYNAMIC_SIZE, "instance_norm": instance_norm, **inputs}
        coder = {"num_bins": NUM_BINS, "num_features": NUM_FEATURES, "num_layers": 1}
        return build(
            {
                "kind": "SequenceVAE",
                "static_size": STATIC_SIZE,
                "segment_frames": SEGMENT_FRAMES,
                "encoder": {"kind": "AudioEncoder", **coder},
                "static_posterior": {"kind": "StaticPosterior", "static_size": STATIC_SIZE, **inputs},
                "dynamic_posterior": dynamic,
                "prior": {"kind": "LSTMPrior", "dynamic_size": DYNAMIC_SIZE, "num_hidden": 8},
                "decoder": {
                    "kind": "AudioDecoder",
                    "static_size": STATIC_SIZE,
                    "dynamic_size": DYNAMIC_SIZE,
                    **coder,
                },
            }
        )

    return make


@pytest.fixture
def keyed() -> Keyed:
    """The randomness of one step."""
    import torch

    from vcdisent.batches import Keyed

    return Keyed(seed=0, step=0, device=torch.device("cpu"))


TINY = [
    *("model.static_size=8", "model.segment_frames=10", "model.encoder.num_features=16", "model.encoder.num_layers=1"),
    *("model.static_posterior.num_hidden=8", "model.dynamic_posterior.num_hidden=8", "model.prior.dynamic_size=4"),
    *("model.prior.num_hidden=8", "model.prior.num_layers=1", "model.decoder.num_features=16"),
    *("trainer.device=cpu", "trainer.batch_size=8", "trainer.max_steps=6", "trainer.dev_every=3"),
    *("trainer.log_every=1", "trainer.warmup_steps=2"),
]
"""Overrides for a model that trains in no time."""


def make_speech(speaker: int, take: int = 0, seconds: float = 1.0, sample_rate: int = 16_000) -> np.ndarray:
    """Something like speech (N,): a speaker has a pitch and formants, a take moves them; syllables and pauses."""
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    f0_hz = (100 + 45 * speaker) * (1 + 0.05 * np.sin(2 * np.pi * (2 + take) * time_s))
    phase = 2 * np.pi * np.cumsum(f0_hz) / sample_rate
    moving = 1 + 0.3 * np.sin(2 * np.pi * (1.5 + 0.5 * take) * time_s + take)
    wav = 1e-3 * np.random.default_rng(100 * speaker + take).standard_normal(len(time_s))
    for harmonic in range(1, 20):
        hz = harmonic * f0_hz
        gain = sum(1 / (1 + ((hz - formant) / 150) ** 2) for formant in (500 * moving, 1400 + 150 * speaker, 2600))
        wav += gain * np.sin(harmonic * phase) * (hz < sample_rate / 2)
    syllables = np.clip(np.sin(2 * np.pi * 3 * time_s) + 0.7, 0, 1)
    return (0.1 * wav * syllables / np.abs(wav).max()).astype(np.float32)


@pytest.fixture(scope="session")
def speech() -> Callable[..., np.ndarray]:
    """Makes something like speech: see `make_speech`."""
    return make_speech


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data dirs `train` (4 speakers, 4 recordings of a second each) and `dev` (2 with 3; trials)."""
    from vcdisent import audio
    from vcdisent.corpora.datadir import Utterance, write_data_dir
    from vcdisent.corpora.trials import write_trials

    root = tmp_path_factory.mktemp("corpus")
    for split, speakers, num_takes in (("train", range(4), 4), ("dev", range(4, 6), 3)):
        utterances = []
        for speaker, take in itertools.product(speakers, range(num_takes)):
            path = root / "wav" / f"s{speaker}" / f"{take}.wav"
            audio.write(path, make_speech(speaker, take), 16_000)
            utterances.append(Utterance(f"s{speaker}-{take}", f"s{speaker}", str(path)))
        write_data_dir(root / split, utterances)
    write_trials(root / "dev" / "trials", utterances)
    return root


@pytest.fixture(scope="session")
def dump(corpus: Path) -> Path:
    """A folder with the features folders of both data dirs."""
    from vcdisent.config import build, compose
    from vcdisent.corpora.datadir import read_data_dir
    from vcdisent.features.extract import extract

    settings = compose([])["features"]
    for split in ("train", "dev"):
        extract(read_data_dir(corpus / split), build(settings), settings, corpus / "dump" / split)
    return corpus / "dump"


@pytest.fixture(scope="session")
def tiny(dump: Path) -> list[str]:
    """Overrides that train a tiny model on the tiny corpus; `out` is left to the test."""
    return [*TINY, f"corpus.train={dump}/train", f"corpus.dev={dump}/dev"]


@pytest.fixture(scope="session")
def checkpoint_folder(tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a tiny model after six steps: read it, do not write to it."""
    from vcdisent.commands.train import train
    from vcdisent.config import compose

    folder = tmp_path_factory.mktemp("exp") / "tiny"
    train(compose([*tiny, f"out={folder}"]))
    return folder


class Ran(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


@pytest.fixture
def vcdisent(capfd: pytest.CaptureFixture) -> Callable[..., Ran]:
    """Runs a command as the command line does."""
    from vcdisent.cli import main

    def run(*words: object) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        return Ran(ended.value.code, *capfd.readouterr())

    return run


COLOURS = {"red": (255, 40, 40), "green": (40, 255, 40), "blue": (60, 60, 255)}
DIRECTIONS = {"right": 3, "left": -3}


def make_clip(colour: str, direction: str, take: int = 0) -> np.ndarray:
    """A clip (8, 32, 32, 3): a square of a colour, whose size the take says, moves across."""
    size = 8 + take % 4
    clip = np.zeros((8, 32, 32, 3), np.uint8)
    for moment in range(8):
        left = 12 + DIRECTIONS[direction] * (moment - 4) + take % 3
        clip[moment, 10 : 10 + size, left : left + size] = COLOURS[colour]
    return clip


@pytest.fixture(scope="session")
def clip() -> Callable[..., np.ndarray]:
    """Makes a clip of a moving square: see `make_clip`."""
    return make_clip


@pytest.fixture(scope="session")
def video_dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features folders `train` (24 clips of 12 squares) and `test` (12 of 6), labelled with colour and direction."""
    from vcdisent.config import build, compose
    from vcdisent.corpora.videodir import Clip, read_video_dir, write_video_dir
    from vcdisent.features.extract_video import extract_video

    root = tmp_path_factory.mktemp("video")
    settings = compose(["experiment=sprites", "features.height=32", "features.width=32"])["features"]
    for split, takes in (("train", range(4)), ("test", range(4, 6))):
        clips = []
        for take, colour, direction in itertools.product(takes, COLOURS, DIRECTIONS):
            path = root / split / f"{colour}{take}-{direction}.npy"
            path.parent.mkdir(exist_ok=True)
            np.save(path, make_clip(colour, direction, take))
            labels = {"colour": colour, "direction": direction}
            clips.append(Clip(path.stem, f"{colour}{take}", str(path), labels))
        write_video_dir(root / split, clips)
        extract_video(read_video_dir(root / split), build(settings), settings, root / "dump" / split)
    return root / "dump"


@pytest.fixture(scope="session")
def video_tiny(video_dump: Path) -> list[str]:
    """Overrides that train a tiny model on moving squares; `out` is left to the test."""
    return [
        *("experiment=sprites", "features.height=32", "features.width=32", "model.encoder.width=8"),
        *("model.encoder.num_features=16", "model.static_size=8", "model.static_posterior.num_hidden=8"),
        *("model.dynamic_posterior.num_hidden=8", "model.prior.dynamic_size=4", "model.prior.num_hidden=8"),
        *("trainer.device=cpu", "trainer.batch_size=8", "trainer.max_steps=4", "trainer.dev_every=2"),
        *("corpus.static_labels=[colour]", "corpus.dynamic_labels=[direction]"),
        *(f"corpus.train={video_dump}/train", f"corpus.dev={video_dump}/test"),
    ]


@pytest.fixture(scope="session")
def video_folder(video_tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a tiny model of video after four steps: read it, do not write to it."""
    from vcdisent.commands.train import train
    from vcdisent.config import compose

    folder = tmp_path_factory.mktemp("exp") / "squares"
    train(compose([*video_tiny, f"out={folder}"]))
    return folder


@pytest.fixture(scope="session")
def video_judge_folder(video_dump: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judge of moving squares: read it, do not write to it."""
    from vcdisent.commands.judge import judge

    folder = tmp_path_factory.mktemp("judge")
    judge(video_dump / "train", video_dump / "test", folder, 40, "cpu")
    return folder


@pytest.fixture(scope="session")
def logged() -> Callable[[Path], dict[str, dict[int, float]]]:
    """Reads the scalars that a run has logged: by tag, the value of each step; a step that is there twice fails."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read(folder: Path) -> dict[str, dict[int, float]]:
        events = EventAccumulator(str(folder / "tensorboard")).Reload()
        scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
        assert all(len({e.step for e in series}) == len(series) for series in scalars.values())
        return {tag: {e.step: e.value for e in series} for tag, series in scalars.items()}

    return read
