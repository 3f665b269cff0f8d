"""The training loop: it resumes to the bit, stops cleanly, keeps the best weights and says what goes wrong."""

import math

import pytest
import torch
import yaml
from safetensors.torch import load_file

from vcdisent.commands.train import load_bank, make_trainer, start_folder, train
from vcdisent.config import build, compose
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import DevCriterion, ReconstructionPictures
from vcdisent.loading import load
from vcdisent.objective import elbo
from vcdisent.objective.readings import READINGS
from vcdisent.training.loop import Settings, fits

ECAPA = ["experiment=ecapa", "model.static_size=8", "model.num_channels=16", "model.segment_frames=20"]
ARCHITECTURES = {
    "bidirectional": [],
    "autoregressive": ["posterior=autoregressive"],
    "memory and network": [
        "mi_cross=sequence_club",
        "mi_cross.num_hidden=8",
        "mi_static.memory=20",
        "mi_dynamic.memory=40",
    ],
    "ecapa": ECAPA,
}


@pytest.fixture
def configured(tiny, tmp_path):
    """Makes the configuration of a tiny run in `tmp_path / name`."""

    def configure(*overrides, name="run"):
        ours = [o for o in tiny if not ("experiment=ecapa" in overrides and o.startswith("model."))]
        return compose([*ours, *overrides, f"out={tmp_path / name}"])

    return configure


@pytest.fixture
def prepared(configured, tmp_path):
    """Makes a trainer that has not begun."""

    def prepare(*overrides, name="run"):
        config = configured(*overrides, name=name)
        torch.manual_seed(config["seed"])
        trainer = make_trainer(config, tmp_path / name, torch.device("cpu"), 0, 1)
        start_folder(config, tmp_path / name, trainer)
        return trainer

    return prepare


def refusal(call, *arguments, **options):
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def tensors_of(state):
    return {**state["model"], **state["objective"]}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_resuming_gives_the_same_losses_and_weights_to_the_bit(configured, logged, tmp_path, architecture):
    overrides = [*ARCHITECTURES[architecture], "trainer.log_every=3", "trainer.dev_every=3"]
    assert train(configured(*overrides, name="straight"))
    assert not train(configured(*overrides, "trainer.max_minutes=0", name="resumed"))
    assert torch.load(tmp_path / "resumed/state.pt", weights_only=True)["step"] == 3
    torch.rand(7)
    assert train(configured(*overrides, name="resumed"))
    straight, resumed = (
        torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("straight", "resumed")
    )
    assert straight["step"] == resumed["step"] == 6 and straight["best"] == resumed["best"]
    ours, theirs = tensors_of(straight), tensors_of(resumed)
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
    first, second = logged(tmp_path / "straight"), logged(tmp_path / "resumed")
    assert first == second and set(first["train/loss"]) == {3, 6}


def test_other_seeds_give_other_runs(configured, logged, tmp_path):
    for seed in (0, 1):
        train(configured(f"seed={seed}", "trainer.max_steps=2", name=f"seed{seed}"))
    assert logged(tmp_path / "seed0")["train/loss"] != logged(tmp_path / "seed1")["train/loss"]


def test_training_learns(configured, logged, tmp_path):
    train(configured("trainer.max_steps=40", "trainer.learning_rate=0.01", "trainer.dev_every=40"))
    likelihood = logged(tmp_path / "run")["train/log_likelihood"]
    assert likelihood[40] > likelihood[1] + 100


def test_stops_in_time_with_a_checkpoint_that_can_be_used(configured, tmp_path, capsys):
    minutes = ["trainer.max_minutes=0", "trainer.dev_every=100"]
    assert not train(configured(*minutes))
    assert "step 1, weights of step 1; stopped" in capsys.readouterr().out
    assert load(tmp_path / "run", "cpu").sample_rate == 16_000
    assert not train(configured(*minutes))
    assert torch.load(tmp_path / "run/state.pt", weights_only=True)["step"] == 2
    assert yaml.safe_load((tmp_path / "run/dev.yaml").read_text())["step"] == 1
    assert train(configured())
    assert "stopped" not in capsys.readouterr().out.splitlines()[-1]
    assert train(configured()), "a finished run is left as it is"


def test_a_checkpoint_folder_is_whole(checkpoint_folder):
    names = {path.name for path in checkpoint_folder.iterdir()}
    wanted = {
        "config.yaml",
        "model.safetensors",
        "stats.safetensors",
        "dev.yaml",
        "state.pt",
        "README.md",
        "made_by.yaml",
        "tensorboard",
    }
    assert names == wanted
    dev = yaml.safe_load((checkpoint_folder / "dev.yaml").read_text())
    codes = ("static", "static_centred", "dynamic_mean", "dynamic_mean_deviation", "dynamic_sample", "dynamic_centred")
    assert set(dev) == {"step", *(f"{code}_eer" for code in codes), "score", "threshold", *READINGS}
    card = (checkpoint_folder / "README.md").read_text()
    assert "LogMagnitude" in card and "static_eer" in card and "has not agreed" in card


def test_the_log_has_every_term_under_its_name(checkpoint_folder, logged):
    weights = yaml.safe_load((checkpoint_folder / "config.yaml").read_text())["objective"]["weights"]
    scalars = logged(checkpoint_folder)
    terms = {tag.removeprefix("train/") for tag in scalars if tag.startswith("train/")}
    assert terms == {*weights, "loss", "gradient_norm", "learning_rate"}
    assert all(set(scalars[f"train/{name}"]) == set(range(1, 7)) for name in terms)
    dev = yaml.safe_load((checkpoint_folder / "dev.yaml").read_text())
    assert {tag for tag in scalars if tag.startswith("dev/")} == {f"dev/{name}" for name in dev if name != "step"}
    assert set(scalars["dev/score"]) == {3, 6}


def test_the_log_has_pictures(checkpoint_folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(checkpoint_folder / "tensorboard")).Reload()
    assert set(events.Tags()["images"]) == {"reconstruction", "swap", "sample"}
    assert [image.step for image in events.Images("swap")] == [3, 6]


def test_the_loss_is_the_weighted_sum_of_what_is_logged(checkpoint_folder, logged):
    weights = yaml.safe_load((checkpoint_folder / "config.yaml").read_text())["objective"]["weights"]
    sign = {"log_likelihood": 1, "kl_static": -1, "kl_dynamic": -1, "mi_static": 1, "mi_dynamic": 1, "mi_cross": -1}
    scalars = logged(checkpoint_folder)
    for step in range(1, 7):
        bound = sum(sign[name] * weights[name] * scalars[f"train/{name}"][step] for name in weights)
        assert scalars["train/loss"][step] == pytest.approx(-bound, rel=1e-4)


def test_the_best_weights_on_dev_are_kept_also_over_a_break(prepared, tmp_path):
    seen = []

    def criterion(model):
        seen.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return {"score": [3.0, 3.0, 2.0, 2.5][len(seen) - 1], "threshold": 0.5}

    trainer = prepared("trainer.dev_every=2")
    trainer.criterion = criterion
    trainer.fit()
    trainer = prepared("trainer.dev_every=2", "trainer.max_steps=8")
    trainer.criterion = criterion
    trainer.fit()
    assert len(seen) == 4
    assert yaml.safe_load((tmp_path / "run/dev.yaml").read_text()) == {"step": 4, "score": 3.0, "threshold": 0.5}
    kept = load_file(tmp_path / "run/model.safetensors")
    assert all(torch.equal(kept[name], tensor) for name, tensor in seen[1].items())
    assert not all(torch.equal(kept[name], tensor) for name, tensor in seen[3].items())


def test_a_run_of_before_an_option_was_there_goes_on_where_the_option_changes_nothing(prepared, tmp_path):
    prepared()
    path = tmp_path / "run/config.yaml"
    older = yaml.safe_load(path.read_text())
    for key in ("dynamics", "echo_frames"):
        del older["augment"]["keep_dynamic"][key]
    del older["corpus"]["digest"]
    path.write_text(yaml.safe_dump(older))
    prepared()
    path.write_text(yaml.safe_dump(older))
    assert "augment.keep_dynamic.dynamics" in refusal(prepared, "augment.keep_dynamic.dynamics=1.5")


def test_a_run_does_not_go_on_with_other_sequences(prepared, tmp_path):
    trainer = prepared()
    path = tmp_path / "run/config.yaml"
    kept = yaml.safe_load(path.read_text())
    kept["corpus"]["digest"] = "0" * 16
    path.write_text(yaml.safe_dump(kept))
    assert "learnt from other sequences" in refusal(prepared) and trainer.step == 0


def test_the_figure_that_picks_the_weights_must_be_there_before_the_first_step(prepared):
    trainer = prepared("trainer.best=nonesuch")
    line = refusal(trainer.fit)
    assert "trainer.best=nonesuch" in line and "static_eer" in line and trainer.step == 0


def test_a_figure_that_this_model_does_not_have_is_told_at_the_first_look(prepared):
    trainer = prepared(*ECAPA, "trainer.best=dynamic_mean_eer", "trainer.dev_every=1")
    line = refusal(trainer.fit)
    assert "trainer.best=dynamic_mean_eer is none of static_eer" in line and trainer.step == 1


def test_the_criterion_names_all_its_figures(checkpoint_folder):
    dev = yaml.safe_load((checkpoint_folder / "dev.yaml").read_text())
    assert set(DevCriterion.names) == dev.keys() - {"step"}


@pytest.mark.parametrize("name", ["kl_static", "gradient_norm"])
def test_a_term_that_is_no_number_stops_training_and_is_named(prepared, tmp_path, name):
    trainer = prepared("trainer.checkpoint_minutes=0", "trainer.dev_every=100")
    forward = trainer.forward

    def broken(batch):
        terms = forward(batch)
        if trainer.step < 2:
            return terms
        if name == "gradient_norm":  # a loss that is a number, with a gradient that is none
            return {**terms, "loss": terms["loss"] + (0 * terms["loss"]).sqrt()}
        return {**terms, name: torch.tensor(math.nan)}

    trainer.forward = broken
    line = refusal(trainer.fit)
    others = {"log_likelihood", "kl_static", "mi_static", "gradient_norm"} - {name}
    assert (
        line.startswith("step 3: ") and name in line and not any(other in line.split(" is not")[0] for other in others)
    )
    assert str(tmp_path / "run/state.pt") in line
    state = torch.load(tmp_path / "run/state.pt", weights_only=True)
    assert state["step"] == 2 and all(tensor.isfinite().all() for tensor in state["model"].values())


@pytest.mark.parametrize(
    "told_by", [["trainer.max_steps=12"], ["trainer.max_steps=12", "trainer.dev_every=4"], ["trainer.max_steps=5"]]
)
def test_what_broke_first_is_named_before_anything_is_kept(prepared, tmp_path, monkeypatch, told_by):
    """By the time that anyone looks, every term is NaN; the log, dev or the end comes first."""
    rare = ["trainer.log_every=10", "trainer.dev_every=100"]
    prepared(*rare, "trainer.max_steps=2").fit()
    names = ("state.pt", "model.safetensors", "dev.yaml")
    before = [(tmp_path / "run" / name).read_bytes() for name in names]
    trainer, exact, looks = prepared(*rare, *told_by), elbo.kl_dynamic, []
    trainer.criterion = looks.append
    monkeypatch.setattr(elbo, "kl_dynamic", lambda *a: exact(*a) * (math.nan if trainer.step == 2 else 1))
    assert refusal(trainer.fit).startswith("step 3: kl_dynamic, loss, gradient_norm is not a finite number")
    assert not looks and [(tmp_path / "run" / name).read_bytes() for name in names] == before
    terms = trainer._train_step(trainer.batches.batch(3))
    assert all(terms[name].isnan() for name in ("log_likelihood", "kl_static", "mi_static"))


def test_no_state_is_promised_where_there_is_none(prepared):
    trainer = prepared()
    with torch.no_grad():
        next(trainer.model.parameters()).fill_(math.nan)
    line = refusal(trainer.fit)
    assert "state.pt" not in line and "begin again" in line and "log_likelihood" in line


def rates(logged, folder):
    """Learning rates as used: the log has that of the step to come."""
    return list(logged(folder)["train/learning_rate"].values())


def test_the_learning_rate_warms_up_and_falls_or_stays(prepared, configured, logged, tmp_path):
    train(
        configured("trainer.warmup_steps=4", "trainer.learning_rate=0.1", "trainer.schedule=constant", name="constant")
    )
    assert rates(logged, tmp_path / "constant") == pytest.approx([0.05, 0.075, 0.1, 0.1, 0.1, 0.1])
    train(configured("trainer.warmup_steps=0", "trainer.learning_rate=0.1", name="cosine"))
    expected = [0.05 * (1 + math.cos(math.pi * step / 6)) for step in range(1, 7)]
    assert rates(logged, tmp_path / "cosine") == pytest.approx(expected, abs=1e-7)
    trainer = prepared("trainer.warmup_steps=4", "trainer.learning_rate=0.1")
    assert trainer.optimiser.param_groups[0]["lr"] == pytest.approx(0.025)


def test_a_run_goes_on_with_the_learning_rate_and_decay_of_the_command(prepared):
    prepared("trainer.schedule=constant").fit()
    trainer = prepared("trainer.schedule=constant", "trainer.learning_rate=0.02", "trainer.weight_decay=0.1")
    trainer._resume()
    assert trainer.step == 6
    assert trainer.optimiser.param_groups[0]["lr"] == pytest.approx(0.02)
    assert trainer.optimiser.param_groups[0]["weight_decay"] == 0.1


def test_the_gradient_is_clipped(prepared):
    trainer = prepared("trainer.clip_norm=0.1")
    terms = trainer._train_step(trainer.batches.batch(0))
    used = torch.stack([parameter.grad.norm() for parameter in trainer.parameters if parameter.grad is not None]).norm()
    assert terms["gradient_norm"] > 1 and used == pytest.approx(0.1, rel=1e-3)


@pytest.mark.requires_cuda
def test_bfloat16_trains(configured, logged, tmp_path):
    train(configured("trainer.precision=bfloat16", "trainer.max_steps=2", "trainer.device=cuda"))
    exact = configured("trainer.max_steps=2", "trainer.device=cuda", name="exact")
    train(exact)
    rough, fine = (logged(tmp_path / name)["train/loss"][1] for name in ("run", "exact"))
    assert rough != fine and rough == pytest.approx(fine, rel=0.02)


def test_the_state_of_another_model_is_refused(prepared, configured, tmp_path):
    prepared("trainer.max_steps=2").fit()
    (tmp_path / "other").mkdir()
    (tmp_path / "run/state.pt").rename(tmp_path / "other/state.pt")
    line = refusal(train, configured("model.static_size=7", name="other"))
    assert str(tmp_path / "other/state.pt") in line and "another model" in line


def test_a_folder_with_another_run_is_refused(configured, tmp_path):
    train(configured("trainer.max_steps=1"))
    before = (tmp_path / "run/config.yaml").read_text()
    line = refusal(train, configured("model.static_size=7", "seed=3"))
    assert str(tmp_path / "run") in line and "model.static_size" in line and "seed" in line
    assert (tmp_path / "run/config.yaml").read_text() == before
    assert train(configured("trainer.max_steps=2", "vocoder=world")), "how to train and to vocode may change"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["corpus.train=nowhere"], "nowhere"),
        (["corpus.dev=5"], "5"),
        (["features.floor=0.5"], "floor"),
        (["num_bins=100"], "num_bins"),
        (["trainer.batch_size=99"], "99"),
        (["trainer.batch_size=0"], "batch_size"),
        (["trainer.batch_size=many"], "batch_size=many"),
        (["model.segment_frames=5000"], "5000"),
        (["trainer.device=nonesuch"], "nonesuch"),
        (["seed=abc"], "seed=abc"),
        (["~trainer"], "trainer"),
        (["~augment"], "augment"),
        (["trainer.max_steps=many"], "max_steps"),
        (["trainer.log_every=0"], "log_every"),
        (["trainer.precision=bfloat16"], "GPU"),
        (["+trainer.nonesuch=1"], "nonesuch"),
        (["model.static_size=-1"], "StaticPosterior"),
        (["objective.weights.mi_static=many"], "many"),
    ],
)
def test_what_does_not_go_together_is_told_in_one_line(configured, tmp_path, overrides, words):
    assert words in refusal(lambda: train(configured(*overrides)))
    assert not (tmp_path / "run/state.pt").exists()


def test_frames_of_world_train_where_no_term_needs_the_view_of_log_spectra(configured, corpus, tmp_path):
    from vcdisent.corpora.datadir import read_data_dir
    from vcdisent.features.extract import extract

    settings, frames = compose(["features=world"])["features"], tmp_path / "frames"
    extract(read_data_dir(corpus / "dev"), build(settings), settings, frames)
    world = ["features=world", f"corpus.train={frames}", f"corpus.dev={frames}", "trainer.batch_size=4"]
    line = refusal(train, configured(*world))
    assert "SpeakerWarp takes log spectra" in line and "objective.weights.mi_dynamic=0" in line
    assert "augment=world_warp" in line
    assert train(configured(*world, "objective.weights.mi_dynamic=0", "trainer.max_steps=1"))


def test_frames_of_world_train_with_a_view_of_their_own(configured, corpus, tmp_path):
    from vcdisent.corpora.datadir import read_data_dir
    from vcdisent.features.extract import extract

    settings, frames = compose(["features=world"])["features"], tmp_path / "frames"
    extract(read_data_dir(corpus / "dev"), build(settings), settings, frames)
    world = ["features=world", f"corpus.train={frames}", f"corpus.dev={frames}", "trainer.batch_size=4"]
    assert train(configured(*world, "augment=another_segment_world_warp", "trainer.max_steps=1"))
    line = refusal(train, configured("augment=world_warp"))
    assert "WorldWarp takes World's frames" in line and "augment=speaker_warp" in line


def test_dev_needs_pairs_of_both_kinds(configured, dump, tmp_path):
    import shutil

    alone = shutil.copytree(dump / "dev", tmp_path / "alone")
    (alone / "utt2spk").write_text("".join(f"{line.split()[0]} s4\n" for line in (alone / "utt2spk").open()))
    assert "two speakers" in refusal(train, configured(f"corpus.dev={alone}"))


def test_pictures_are_of_recordings_that_are_long_enough(dump):
    features = compose([])["features"]
    bank = load_bank(dump / "dev", features, torch.device("cpu"))
    bank.lengths[-1] = 5  # the last: reading on from it would leave the array
    bank.frames = bank.frames[: int(bank.starts[-1]) + 5]
    from vcdisent.training import checkpoint

    normaliser = checkpoint.load_normaliser(dump / "dev/stats.safetensors", [200])
    assert len(ReconstructionPictures(bank, normaliser, 60).x) == 5
    model = build(compose([])["model"])
    assert ReconstructionPictures(bank, normaliser, 60)(model)["sample"].shape == (200, 5 * 60)
    assert ReconstructionPictures(bank, normaliser, 6000)(model) == {}


def test_the_speaker_network_trains_by_the_same_loop(configured, logged, tmp_path, corpus):
    train(configured(*ECAPA))
    scalars = logged(tmp_path / "run")
    assert {"train/cross_entropy", "train/accuracy", "train/loss"} <= scalars.keys()
    dev = yaml.safe_load((tmp_path / "run/dev.yaml").read_text())
    assert set(dev) == {"step", "static_eer", "static_centred_eer", "score", "threshold"}
    assert dev["score"] == -dev["static_eer"]
    network = load(tmp_path / "run", "cpu")
    codes = network.embed(corpus / "wav/s0/0.wav")
    assert codes.static.shape == (8,) and codes.dynamic is None
    assert "speaker network" in refusal(network.convert, corpus / "wav/s0/0.wav", corpus / "wav/s1/0.wav")


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        *[(1, int, True), (1.0, int, False), (True, int, False), (1, float, True), (None, float | None, True)],
        *[(None, float, False), ("a", str, True), (1, float | None, True), (True, bool, True), (1, bool, False)],
    ],
)
def test_fits(value, hint, expected):
    assert fits(value, hint) is expected


def test_settings_without_values_are_those_of_the_yaml():
    trainer = {name: value for name, value in compose([])["trainer"].items() if name not in ("device", "batch_size")}
    assert Settings(**trainer) == Settings()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["objective.reads_view=true"], "augment.keep_dynamic.tract moves it; use augment=channel"),
        (["objective.reads_view=true", "augment=none"], "augment=none has no view for objective.reads_view"),
        (["objective.reads_view=true", "augment=channel", "features=world"], "SpeakerWarp takes log spectra"),
    ],
)
def test_a_view_that_is_read_has_the_voice_of_its_sequence(overrides, words):
    from vcdisent.commands.train import check_view

    assert words in refusal(check_view, compose(["experiment=ecapa", *overrides]), {})
