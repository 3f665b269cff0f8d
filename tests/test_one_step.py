"""One way through the house: the same training step, look at dev and swap on speech and on three kinds of video."""

import numpy as np
import pytest
import torch
import yaml
from safetensors.numpy import save_file

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.commands.train import train
from vcdisent.config import build, compose
from vcdisent.errors import InputError
from vcdisent.training import checkpoint

TINY = [
    *("model.static_size=8", "model.encoder.num_features=16", "model.static_posterior.num_hidden=8"),
    *("model.dynamic_posterior.num_hidden=8", "model.prior.dynamic_size=4", "model.prior.num_hidden=8"),
    *("trainer.device=cpu", "trainer.batch_size=4", "trainer.max_steps=1", "trainer.log_every=1"),
]
TINY_FRAMES = ["features.height=16", "features.width=16", "model.encoder.width=4"]
CORPORA = {
    "librispeech": ["model.decoder.num_features=16"],
    "sprites": TINY_FRAMES,
    "smmnist": TINY_FRAMES,
    "mug": [*TINY_FRAMES, "model.encoder.norm=group", "model.encoder.residual=true"],
}
NUM_IDENTITIES, TAKES = 3, 2


def write_folder(folder, config):
    """A features folder of noise: sequences a little longer than the model's, two of each identity."""
    generator, video = np.random.default_rng(0), configuration.is_video(config)
    shape, length = configuration.frame_shape(config), config["model"]["segment_frames"] + 1
    names = [f"i{number // TAKES}-{number}" for number in range(NUM_IDENTITIES * TAKES)]
    frames = generator.random((len(names) * length, *shape))
    folder.mkdir()
    np.save(folder / "frames.npy", (255 * frames).astype(np.uint8) if video else frames.astype(np.float16))
    statistic = np.ones((1, 1, 1) if video else shape, np.float32)
    save_file({"mean": 0 * statistic, "std": (255 if video else 1) * statistic}, folder / "stats.safetensors")
    (folder / "features.yaml").write_text(yaml.safe_dump(config["features"]))
    (folder / "utt2num_frames").write_text("".join(f"{name} {length}\n" for name in names))
    (folder / "utt2spk").write_text("".join(f"{name} {name.split('-')[0]}\n" for name in names))


def configured(tmp_path, corpus, *overrides):
    """A tiny run of a corpus' experiment on noise."""
    folders = [f"corpus.train={tmp_path}/noise", f"corpus.dev={tmp_path}/noise", f"out={tmp_path}/run"]
    config = compose([f"experiment={corpus}", *TINY, *CORPORA[corpus], *folders, *overrides])
    if not (tmp_path / "noise").exists():
        write_folder(tmp_path / "noise", config)
    return config


def trained(folder, config):
    """The model that a run has left."""
    model = build(config["model"])
    checkpoint.load_weights(model, folder / checkpoint.WEIGHTS)
    return model.eval()


@pytest.mark.parametrize("corpus", CORPORA)
def test_one_step_one_look_at_dev_and_one_swap(corpus, tmp_path, logged):
    config = configured(tmp_path, corpus)
    assert train(config)
    scalars = logged(tmp_path / "run")
    assert all(np.isfinite(scalars[f"train/{name}"][1]) for name in (*config["objective"]["weights"], "loss"))
    dev = yaml.safe_load((tmp_path / "run" / checkpoint.DEV).read_text())
    assert dev["step"] == 1 and 0 <= dev["static_eer"] <= 100 and np.isfinite(dev["mi_cross_mws"])
    model, shape = trained(tmp_path / "run", config), (2, model_frames(config), *configuration.frame_shape(config))
    a, b = torch.rand(2, *shape)
    swapped, back = model.swap(a, b)
    assert swapped.shape == back.shape == shape and not torch.equal(swapped, back)
    torch.testing.assert_close(model.swap(b, a)[0], back)


def model_frames(config):
    """Frames of the sequences that a model is trained on."""
    return config["model"]["segment_frames"]


def test_pictures_of_video_are_in_the_log_in_colour(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(configured(tmp_path, "sprites"))
    events = EventAccumulator(str(tmp_path / "run/tensorboard"))
    events.Reload()
    assert set(events.Tags()["images"]) == {"reconstruction", "swap", "sample"}
    (swap,) = events.Images("swap")
    strip = 8 * 16 + 4
    assert (swap.height, swap.width) == (NUM_IDENTITIES * TAKES * 16, 3 * strip), "source, neighbour and swap in a line"
    assert swap.encoded_image_string[25] == 2, "a PNG of colours"


def test_video_resumes_to_the_bit(tmp_path):
    config = configured(tmp_path, "sprites", "trainer.max_steps=2", "trainer.dev_every=1")
    train({**config, "out": str(tmp_path / "straight")})
    stopped = {**config, "trainer": {**config["trainer"], "max_minutes": 0}}
    assert not train(stopped)
    assert train(config)
    whole, resumed = (torch.load(tmp_path / name / checkpoint.STATE, weights_only=True) for name in ("straight", "run"))
    assert whole["best"] == resumed["best"] == 2, "best: step keeps the last weights"
    assert all(torch.equal(tensor, resumed["model"][name]) for name, tensor in whole["model"].items())


def test_the_card_of_a_model_of_video_says_so(tmp_path):
    train(configured(tmp_path, "smmnist", "objective=dsvae_video"))
    card = (tmp_path / "run" / checkpoint.CARD).read_text()
    assert "6 sequences, 3 identities, 96 frames" in card and "16 x 16 pixels, 1 channels" in card
    assert "A face belongs to a person" in card and "speech" not in card.lower()


@pytest.mark.parametrize(
    ("corpus", "augment"), [("sprites", "speaker_warp"), ("smmnist", "world_views"), ("librispeech", "video_colour")]
)
def test_views_of_another_kind_of_frames_are_refused(tmp_path, corpus, augment):
    with pytest.raises(InputError, match="makes no views of"):
        train(configured(tmp_path, corpus, f"augment={augment}"))


def test_a_checkpoint_of_video_is_loaded_as_such(tmp_path, checkpoint_folder):
    config = configured(tmp_path, "sprites")
    train(config)
    loaded = loading.load_video(tmp_path / "run", "cpu")
    clip = np.random.default_rng(0).integers(0, 255, (8, 16, 16, 3), np.uint8)
    model = trained(tmp_path / "run", config)
    x = torch.from_numpy(clip).permute(0, 3, 1, 2).unsqueeze(0) / 255
    posterior = model.encode(x)
    decoded = model.decode(posterior.static.mean, posterior.dynamic.mean)[0].permute(0, 2, 3, 1).detach().numpy()
    assert np.abs(loaded.reconstruct(clip) - 255 * decoded).max() <= 1
    with pytest.raises(InputError, match="holds a model of video"):
        loading.load(tmp_path / "run", "cpu")
    with pytest.raises(InputError, match="holds a model of speech"):
        loading.load_video(checkpoint_folder, "cpu")
    with pytest.raises(InputError, match="is no checkpoint folder"):
        loading.load_video(tmp_path / "none", "cpu")
