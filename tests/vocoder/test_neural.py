"""A vocoder that is trained: its network, what it learns by, and its way from training to a conversion."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vcdisent import audio
from vcdisent.batches import Batch, Keyed
from vcdisent.commands.pack import pack
from vcdisent.commands.train import train
from vcdisent.config import build, compose
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.errors import InputError
from vcdisent.features.extract import extract
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.loading import load
from vcdisent.vocoder.discriminator import SpectrogramDiscriminators
from vcdisent.vocoder.istft_generator import IstftGenerator
from vcdisent.vocoder.neural import NeuralVocoder
from vcdisent.vocoder.objective import VocoderObjective

WEIGHTS = {"log_distance": 1.0, "convergence": 1.0, "adversarial": 0.1, "feature_distance": 1.0}
SPECTRAL = WEIGHTS | {"adversarial": 0.0, "feature_distance": 0.0}
TINY = [
    *("experiment=vocoder", "model.num_hidden=16", "model.num_layers=1", "trainer.device=cpu", "trainer.batch_size=4"),
    *("trainer.max_steps=2", "trainer.dev_every=1", "trainer.log_every=1"),
]


def generator(num_hidden: int = 24) -> IstftGenerator:
    torch.manual_seed(0)
    return IstftGenerator(LogMagnitude(), num_hidden=num_hidden, num_layers=2)


def buzz(batch_size: int = 2, num_frames: int = 32) -> Tensor:
    """Blocks (B, T, 160) of buzzes of several pitches."""
    time_s = torch.arange(160 * num_frames) / 16000
    f0_hz = 110 + 30 * torch.arange(batch_size)[:, None]
    wav = sum(torch.cos(2 * torch.pi * order * f0_hz * time_s) / order for order in range(1, 12))
    return 0.05 * wav.unflatten(1, (-1, 160))


def batch(x: Tensor) -> Batch:
    return Batch(x, None, x, torch.zeros(len(x)), Keyed(0, 0, torch.device("cpu")))


@pytest.mark.parametrize("num_samples", [1600, 8123])
def test_waveforms_are_as_long_as_their_source(num_samples: int) -> None:
    wav = torch.randn(1, num_samples)
    vocoder, frames = NeuralVocoder(LogMagnitude(), generator()), LogMagnitude()(wav)
    assert vocoder.vocode(frames, source=wav).shape == wav.shape
    made = vocoder.vocode(frames)
    assert made.shape == (1, num_samples // 160 * 160)
    torch.testing.assert_close(made, vocoder.vocode(frames), rtol=0, atol=0)


def test_learns_to_copy() -> None:
    model, objective = generator(), VocoderObjective(SPECTRAL)
    optimiser, losses = torch.optim.Adam(model.parameters(), 3e-3), []
    for _ in range(90):
        terms = objective(model, batch(buzz()))
        optimiser.zero_grad()
        terms["loss"].backward()
        optimiser.step()
        losses.append(terms["loss"].item())
    assert losses[-1] < 0.5 * losses[0]


class Perfect(nn.Module):
    """Knows what it should have made."""

    def __init__(self, wav: Tensor) -> None:
        super().__init__()
        self.wav, self.features = nn.Parameter(wav), LogMagnitude()

    def forward(self, frames: Tensor) -> Tensor:
        return self.wav


def test_a_perfect_copy_has_no_distance() -> None:
    x = buzz()
    terms = VocoderObjective(WEIGHTS, discriminators=SpectrogramDiscriminators(num_channels=4))(
        Perfect(x.flatten(1)), batch(x)
    )
    assert all(abs(terms[name].item()) < 1e-5 for name in ("log_distance", "convergence", "feature_distance"))
    expected = sum(WEIGHTS[name] * terms[name] for name in WEIGHTS) + terms["discriminators"]
    torch.testing.assert_close(terms["loss"], expected)


def test_neither_side_of_the_game_moves_the_other() -> None:
    model, discriminators = generator(), SpectrogramDiscriminators(num_channels=4)
    terms = VocoderObjective(WEIGHTS, discriminators=discriminators)(model, batch(buzz()))
    parameters = list(discriminators.parameters())
    of_generator = torch.autograd.grad(
        terms["adversarial"] + terms["feature_distance"], parameters, retain_graph=True, allow_unused=True
    )
    assert all(gradient is None for gradient in of_generator)
    own = torch.autograd.grad(terms["discriminators"], parameters, retain_graph=True)
    assert sum(gradient.abs().sum() for gradient in own) > 0
    of_discriminators = torch.autograd.grad(
        terms["discriminators"], list(model.parameters()), retain_graph=True, allow_unused=True
    )
    assert all(gradient is None for gradient in of_discriminators)
    fooling = torch.autograd.grad(terms["adversarial"], model.head[1].weight)
    assert fooling[0].abs().sum() > 0


def test_a_game_needs_players() -> None:
    with pytest.raises(InputError, match="need discriminators"):
        VocoderObjective(WEIGHTS)


@pytest.fixture(scope="module")
def blocks(corpus: Path) -> Path:
    """Features folders `train` and `dev` of waveforms."""
    settings = compose(["experiment=vocoder"])["features"]
    for split in ("train", "dev"):
        extract(read_data_dir(corpus / split), build(settings), settings, corpus / "blocks" / split)
    return corpus / "blocks"


@pytest.fixture(scope="module")
def trained(blocks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a vocoder, begun on distances and gone on with against discriminators."""
    root, data = tmp_path_factory.mktemp("vocoder"), [f"corpus.train={blocks}/train", f"corpus.dev={blocks}/dev"]
    assert train(compose([*TINY, *data, f"out={root}/spectral"]))
    game = ["objective=adversarial_vocoder", "objective.discriminators.num_channels=4", f"start_from={root}/spectral"]
    assert train(compose([*TINY, *data, *game, f"out={root}/vocoder", "trainer.learning_rate=0"]))
    return root


def test_a_run_begins_with_the_weights_that_it_is_given(trained: Path) -> None:
    first, second = (build_model(trained / name) for name in ("spectral", "vocoder"))
    assert all(torch.equal(weight, second[name]) for name, weight in first.items())


def build_model(folder: Path) -> dict[str, Tensor]:
    """The weights that a run has left."""
    from vcdisent.training import checkpoint

    return checkpoint.load_tensors(folder / checkpoint.WEIGHTS)


def test_weights_of_another_model_are_refused(trained: Path, blocks: Path, tmp_path: Path) -> None:
    data = [f"corpus.train={blocks}/train", f"corpus.dev={blocks}/dev", f"out={tmp_path}/run"]
    with pytest.raises(InputError, match="another model than the configuration describes"):
        train(compose([*TINY, *data, "model.num_hidden=8", f"start_from={trained}/spectral"]))
    with pytest.raises(InputError, match="is no checkpoint folder"):
        train(compose([*TINY, *data, f"start_from={tmp_path}/nothing"]))


def test_the_log_has_the_game_and_a_picture(trained: Path, logged: Callable) -> None:
    scalars = logged(trained / "vocoder")
    assert {f"train/{name}" for name in (*WEIGHTS, "discriminators", "loss")} <= scalars.keys()
    assert scalars["dev/log_spectral_distance_db"][2] > 0


def test_converts_by_a_vocoder_in_a_folder(
    trained: Path, checkpoint_folder: Path, vcdisent: Callable, speech: Callable, tmp_path: Path
) -> None:
    for speaker in (0, 1):
        audio.write(tmp_path / f"{speaker}.wav", speech(speaker), 16000)
    words = ("convert", tmp_path / "0.wav", tmp_path / "1.wav", "--model", checkpoint_folder, "--vocoder")
    ran = vcdisent(*words, trained / "vocoder", "-o", tmp_path / "made.wav")
    assert ran.status == 0
    made, rate = audio.read(tmp_path / "made.wav")
    assert rate == 16000 and len(made) == 16000 and np.abs(made).max() > 0.01
    in_python, _ = load(checkpoint_folder, "cpu", str(trained / "vocoder")).convert(
        tmp_path / "0.wav", tmp_path / "1.wav"
    )
    assert np.abs(in_python - made).max() < 1e-3
    assert load(checkpoint_folder, "cpu", trained / "vocoder").vocoder.generator is not None
    refused = vcdisent(*words, checkpoint_folder, "-o", tmp_path / "other.wav")
    assert refused.status == 2 and "holds no vocoder" in refused.err


def test_a_vocoder_is_no_model_of_voices(trained: Path, checkpoint_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds a vocoder"):
        load(trained / "vocoder", "cpu")
    assert pack(trained / "vocoder", tmp_path / "packed") == 0
    load(checkpoint_folder, "cpu", str(tmp_path / "packed"))
    card = (tmp_path / "packed/README.md").read_text()
    assert "--vocoder FOLDER" in card and "Makes waveforms" in card


def test_a_vocoder_of_other_frames_is_refused(trained: Path, checkpoint_folder: Path, tmp_path: Path) -> None:
    import shutil

    import yaml

    folder = tmp_path / "other"
    shutil.copytree(checkpoint_folder, folder)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["features"]["floor"] = 0.01
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(InputError, match="was trained on other frames"):
        load(folder, "cpu", str(trained / "vocoder"))


def test_a_name_of_ours_comes_before_a_folder(
    checkpoint_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "world").mkdir()
    assert type(load(checkpoint_folder, "cpu", "world").vocoder).__name__ == "WorldVocoder"
    with pytest.raises(InputError, match=r"^configuration: there is no vocoder=nonsense"):
        load(checkpoint_folder, "cpu", "nonsense")


def test_parts_that_do_not_go_together_are_told(blocks: Path, tmp_path: Path) -> None:
    data = [f"corpus.train={blocks}/train", f"corpus.dev={blocks}/dev", f"out={tmp_path}/run"]
    with pytest.raises(InputError, match="go together: give experiment=vocoder"):
        train(compose([*TINY, *data, "features=log_magnitude"]))


def test_less_than_a_hop_makes_nothing_and_a_pause_breaks_nothing() -> None:
    assert generator()(torch.zeros(2, 1, 200)).shape == (2, 0)
    silent = torch.cat([buzz(), torch.zeros(2, 32, 160)])
    terms = VocoderObjective(SPECTRAL)(generator(), batch(silent))
    assert terms["convergence"] < 50
