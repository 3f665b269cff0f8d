"""Configuration: every yaml composes and builds, and what cannot be built is told in one line; loading runs no code."""

import importlib
import inspect
import itertools
import shutil
import sys
from pathlib import Path

import pytest
import torch
import yaml

import vcdisent.conf
from vcdisent import config
from vcdisent.config import build, compose, require, untrained
from vcdisent.errors import InputError
from vcdisent.loading import load

CONF = Path(vcdisent.conf.__file__).parent
OPTIONS = sorted((path.parent.name, path.stem) for path in CONF.glob("*/*.yaml"))
GROUPS = {group for group, _ in OPTIONS}
NEEDS = {
    ("model", "ecapa"): ["~posterior", "objective=speaker_classification"],
    ("model", "video"): ["features=frames"],
    ("features", "frames"): ["model=video"],
    ("model", "vocoder"): ["~posterior", "objective=vocoder"],
    ("model", "vocoder_mel"): ["~posterior", "objective=vocoder"],
}
"""Options that go together with others only."""
SMALL = ["model.prior.num_hidden=8", "model.decoder.num_features=16", "model.encoder.num_features=16"]


def build_all(composed: dict) -> dict:
    """Every object that a configuration describes."""
    features, is_video = build(composed["features"]), config.is_video(composed)
    assert config.frame_shape(composed) == features.frame_shape
    objective = composed["objective"] | ({"num_speakers": 3} if "num_speakers" in composed["objective"] else {})
    by_features = {"World": {"kind": "WorldVocoder"}, "Waveform": None}
    vocoder = by_features.get(composed["features"]["kind"], composed.get("vocoder"))
    return {
        "model": build(composed["model"]),
        "objective": build(objective),
        "views": build(composed["augment"]),
        "vocoder": None if is_video or vocoder is None else build(vocoder, features=features),
        "trainer": build({k: v for k, v in composed["trainer"].items() if k not in ("device", "batch_size")}),
    }


def test_the_groups_are_those_of_the_design():
    assert {"corpus", "features", "augment", "model", "objective", "trainer", "vocoder", "experiment"} <= GROUPS


@pytest.mark.parametrize(("group", "option"), OPTIONS, ids=lambda name: name)
def test_every_option_composes_and_builds(group, option):
    built = build_all(compose([f"{group}={option}", *NEEDS.get((group, option), [])]))
    assert built["model"].segment_frames > 0
    assert sum(parameter.numel() for parameter in built["model"].parameters()) > 1000


def test_a_built_model_goes_there_and_back():
    composed = compose(SMALL)
    model = build(composed["model"])
    x = torch.zeros(2, 5, composed["num_bins"])
    posterior = model.encode(x)
    assert posterior.static.mean.shape == (2, composed["model"]["static_size"])
    assert model.decode(posterior.static.mean, posterior.dynamic.mean).shape == x.shape


def test_values_reach_all_that_depend_on_them():
    composed = compose(["features=log_mel", "model.static_size=5", "model.prior.dynamic_size=3"])
    assert composed["model"]["encoder"]["num_bins"] == composed["model"]["decoder"]["num_bins"] == 80
    assert composed["model"]["decoder"]["static_size"] == composed["model"]["static_posterior"]["static_size"] == 5
    assert composed["model"]["decoder"]["dynamic_size"] == 3
    assert composed["model"]["dynamic_posterior"]["dynamic_size"] == 3


def test_an_experiment_gives_way_to_the_command_line():
    num_steps = yaml.safe_load((CONF / "experiment/librispeech.yaml").read_text())["trainer"]["max_steps"]
    assert compose(["experiment=librispeech"])["trainer"]["max_steps"] == num_steps
    assert compose([])["trainer"]["max_steps"] != num_steps
    assert compose(["experiment=librispeech", "trainer.max_steps=7"])["trainer"]["max_steps"] == 7


def test_dsvae_has_no_contrastive_terms():
    weights = compose(["objective=dsvae"])["objective"]["weights"]
    assert [weights[name] for name in ("mi_static", "mi_dynamic", "mi_cross")] == [0.0] * 3
    assert weights["log_likelihood"] == 1.0


def test_video_has_the_released_weights_in_our_units():
    weights = compose(["experiment=sprites"])["objective"]["weights"]
    assert [weights[f"mi_{name}"] / weights["log_likelihood"] for name in ("static", "dynamic")] == [10 / 2] * 2
    plain = compose(["experiment=sprites", "objective=dsvae_video"])["objective"]["weights"]
    assert {name for name, weight in plain.items() if weight} == {"log_likelihood", "kl_static", "kl_dynamic"}


def test_a_list_of_views_is_built_and_each_can_be_changed():
    views = compose(["experiment=sprites", "augment.keep_dynamic.views.1.largest=5"])["augment"]["keep_dynamic"]
    assert [type(view).__name__ for view in build(views).views] == ["ColourDistortion", "Noise"]
    assert build(views).views[1].largest == 5 and build([1, [2.0]]) == [1, [2.0]]
    assert "Blurring" in refusal(build, {"kind": "Chain", "views": [{"kind": "Blurring"}]})


def test_a_group_of_a_terms_name_chooses_what_estimates_it():
    estimators = compose(["mi_cross=sequence_club", "mi_cross.num_hidden=7", "mi_static.memory=9"])["objective"][
        "estimators"
    ]
    assert (estimators["mi_cross"]["kind"], estimators["mi_cross"]["num_hidden"]) == ("SequenceClub", 7)
    assert (estimators["mi_static"]["kind"], estimators["mi_static"]["memory"]) == ("Contrastive", 9)
    assert estimators["mi_dynamic"]["memory"] == 0
    weighted = compose(["objective=cdsvae_mws", "mi_dynamic=contrastive"])["objective"]["estimators"]
    assert [weighted[name]["kind"] for name in ("mi_static", "mi_dynamic")] == ["MinibatchWeighted", "Contrastive"]
    assert "mi_cross" not in compose(["experiment=ecapa"]), "an objective that estimates nothing has no such groups"


@pytest.mark.parametrize(
    ("kind", "takes"),
    [("Shuffle", "it takes nothing"), ("Noise", "it takes largest"), ("CrossMinibatchWeighted", "it takes nothing")],
)
def test_what_a_kind_takes_is_told_where_it_is_given_something_else(kind, takes):
    with pytest.raises(InputError, match=f"{kind} takes no colour; {takes}$"):
        build({"kind": kind, "colour": 1})


def test_an_unknown_kind_is_told_with_the_nearest():
    assert "the nearest are SequenceClub" in refusal(build, {"kind": "SequenceClubs"})


def refusal(call, *arguments, **options):
    """The one line with which `call` refuses."""
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    line = str(caught.value)
    assert "\n" not in line and len(line) < 600
    return line


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_an_unknown_option_of_a_group_is_named_with_those_there_are(group):
    line = refusal(compose, [f"{group}=nonesuch"])
    assert f"{group}=nonesuch" in line and all(option in line for g, option in OPTIONS if g == group)
    assert "Config search path" not in line


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("nonesuch=1", "nonesuch"),
        ("trainer.max_stepz=1", "max_stepz"),
        ("nonesuch=1.5", "nonesuch"),
        ("model@x=cdsvae", "model@x"),
        ("word", "word"),
        ("--stray", "--stray"),
        ("out=a(1)", "quote"),
        ("out=x=y", "quote"),
        ("seed=[1", "seed=[1"),
        ("out=a,b", "out=a,b"),
        ("trainer=1", "trainer=1"),
        ("trainer.max_steps=${nonesuch}", "nonesuch"),
        ("model.encoder=3", "encoder"),
        ("model=ecapa", "model.encoder.num_features"),
        ("~nonesuch", "nonesuch"),
    ],
)
def test_a_wrong_override_is_told_in_one_line(override, words):
    assert words in refusal(compose, [override])


def test_what_was_not_given_is_asked_for():
    composed = compose([])
    for name in ("out", "corpus.train", "corpus.dev"):
        assert f"add {name}=" in refusal(require, composed, name)
    for empty in ("out=", "out=null"):
        assert "out is not given" in refusal(require, compose([empty]), "out")
    require(compose(["out=x", "seed=0"]), "out", "seed")
    assert "seed=abc is no int" in refusal(require, compose(["seed=abc"]), "seed", kind=int)


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"kind": "os.system", "command": "true"}, "os.system"),
        ({"kind": ["LogMel"]}, "LogMel"),
        ({"kind": None}, "None"),
        ({"kind": "LogMagnitude", "nonesuch": 1}, "nonesuch"),
        ({"kind": "AudioEncoder"}, "num_bins"),
        ({"kind": "AudioEncoder", "num_bins": "many"}, "AudioEncoder"),
        ({"kind": "AudioEncoder", "num_bins": -1}, "AudioEncoder"),
        ({"kind": "GriffinLim", "features": {"kind": "World"}}, "World"),
        ({"kind": "Settings", "max_steps": "many"}, "max_steps"),
        ({"kind": "Settings", "log_every": 0}, "log_every"),
        ({"kind": "Settings", "schedule": "steep"}, "steep"),
        ({"kind": "Settings", "learning_rate": -1.0}, "learning_rate"),
        ({"kind": "Settings", "compile": 1}, "compile"),
    ],
)
def test_what_cannot_be_built_is_told_in_one_line(node, words):
    assert words in refusal(build, node)


def test_settings_take_whole_numbers_and_none():
    settings = build({"kind": "Settings", "learning_rate": 1, "max_minutes": None, "warmup_steps": 0})
    assert settings.learning_rate == 1 and settings.max_minutes is None


def nodes(node):
    """Every mapping with a `kind` in a yaml."""
    if isinstance(node, dict):
        yield from [node] if "kind" in node else []
    if isinstance(node, dict | list):
        parts = node.values() if isinstance(node, dict) else node
        yield from itertools.chain.from_iterable(nodes(part) for part in parts)


VARIANTS = {"world_views", "inca_views", "griffin_lim_random"}
"""Options that differ from a kind's defaults on purpose."""

OTHERWISE = {("video", "LSTMPrior"), ("world_warp", "SpeakerWarp")}
"""Kinds that one option has otherwise: the prior of video as wide as in released code, an envelope without pitch."""


def described():
    """Each kind that a yaml describes, and the yaml's values, those that depend on others aside."""
    for path in sorted(path for path in CONF.rglob("*.yaml") if path.stem not in VARIANTS):
        own = nodes(yaml.safe_load(path.read_text()))
        for node in (node for node in own if (path.stem, node["kind"]) not in OTHERWISE):
            fixed = {name: value for name, value in node.items() if not str(value).startswith("${")}
            yield pytest.param(fixed, id=f"{path.stem}-{node['kind']}")


@pytest.mark.parametrize("node", list(described()))
def test_defaults_are_those_of_the_yaml(node):
    kind = node["kind"]
    signature = inspect.signature(getattr(importlib.import_module(config.MODULES[kind]), kind))
    defaults = {name: p.default for name, p in signature.parameters.items() if p.default is not p.empty}
    shared = node.keys() & defaults.keys()
    in_code = {name: list(d) if isinstance(d := defaults[name], tuple) else d for name in shared}
    assert in_code == {name: node[name] for name in shared}


def test_an_untrained_model_is_the_same_each_time_and_has_nothing_of_the_trained_one():
    model = build(compose(SMALL)["model"])
    before = [parameter.clone() for parameter in model.parameters()]
    state = torch.random.get_rng_state()
    first, again, other = untrained(model), untrained(model), untrained(model, seed=1)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(map(torch.equal, before, model.parameters()))
    assert all(map(torch.equal, first.parameters(), again.parameters()))
    drawn = [not torch.equal(a, b) for a, b in zip(first.parameters(), model.parameters(), strict=True) if a.dim() > 1]
    assert drawn and all(drawn)
    assert not all(map(torch.equal, first.parameters(), other.parameters()))


@pytest.fixture
def copied(checkpoint_folder, tmp_path):
    """A checkpoint folder that may be spoilt."""
    return Path(shutil.copytree(checkpoint_folder, tmp_path / "spoilt"))


def test_loads_what_was_trained(checkpoint_folder):
    loaded = load(checkpoint_folder, "cpu")
    dev = yaml.safe_load((checkpoint_folder / "dev.yaml").read_text())
    assert loaded.threshold == dev["threshold"] and loaded.sample_rate == 16_000
    assert type(loaded.vocoder).__name__ == "SourceFilter" and not loaded.model.training
    assert type(load(str(checkpoint_folder), "cpu", vocoder="world").vocoder).__name__ == "WorldVocoder"


def test_loads_from_a_folder_with_any_name(checkpoint_folder, tmp_path):
    odd = shutil.copytree(checkpoint_folder, tmp_path / "a b=(c),[d]")
    assert load(odd, "cpu", vocoder="world").sample_rate == 16_000


def edit(path: Path, **changes):
    """Changes parts of a yaml file, or takes them out."""
    content = yaml.safe_load(path.read_text())
    content = {name: value for name, value in (content | changes).items() if value is not None}
    path.write_text(yaml.safe_dump(content))


def test_a_checkpoint_that_names_another_class_is_refused_and_nothing_is_imported(copied, monkeypatch):
    imported = []
    monkeypatch.setattr(config, "import_module", lambda name: imported.append(name) or importlib.import_module(name))
    for part, kind in itertools.product(("features", "model", "vocoder"), ("os.system", "antigravity", "Step")):
        before = (copied / "config.yaml").read_text()
        edit(copied / "config.yaml", **{part: {"kind": kind, "command": f"touch {copied}/ran"}})
        line = refusal(load, copied, "cpu")
        assert repr(kind) in line and str(copied / "config.yaml") in line
        (copied / "config.yaml").write_text(before)
    assert all(name.startswith("vcdisent.") for name in imported) and "antigravity" not in sys.modules
    assert not (copied / "ran").exists()


PAYLOADS = ("!!python/object/apply:os.system [touch RAN]", "!!python/name:os.system", "!!python/module:antigravity")


@pytest.mark.parametrize(("name", "payload"), list(itertools.product(("config.yaml", "dev.yaml"), PAYLOADS)))
def test_yaml_that_would_run_code_is_refused(copied, name, payload):
    path = copied / name
    path.write_text(path.read_text() + "extra: " + payload.replace("RAN", str(copied / "ran")))
    assert str(path) in refusal(load, copied, "cpu")
    assert not (copied / "ran").exists() and "antigravity" not in sys.modules


@pytest.mark.parametrize("name", ["config.yaml", "model.safetensors", "stats.safetensors", "dev.yaml"])
@pytest.mark.parametrize("content", [None, b"", b"\0\xff nonsense"], ids=["missing", "empty", "nonsense"])
def test_a_folder_that_is_not_whole_is_refused(copied, name, content):
    (copied / name).unlink()
    if content is not None:
        (copied / name).write_bytes(content)
    assert str(copied / name) in refusal(load, copied, "cpu")


@pytest.mark.parametrize("name", ["model.safetensors", "stats.safetensors"])
def test_truncated_tensors_are_refused(copied, name):
    whole = (copied / name).read_bytes()
    (copied / name).write_bytes(whole[: len(whole) // 2])
    assert str(copied / name) in refusal(load, copied, "cpu")


def test_weights_and_statistics_of_another_model_are_refused(copied):
    from safetensors.torch import save_file

    weights = (copied / "model.safetensors").read_bytes()
    other = build(compose(["model.static_size=9", *SMALL])["model"])
    save_file(other.state_dict(), copied / "model.safetensors")
    assert "another model" in refusal(load, copied, "cpu")
    save_file({"mean": torch.zeros(3), "std": torch.ones(3)}, copied / "model.safetensors")
    assert "another model" in refusal(load, copied, "cpu")
    (copied / "model.safetensors").write_bytes(weights)
    save_file({"mean": torch.zeros(80), "std": torch.ones(80)}, copied / "stats.safetensors")
    assert str(copied / "stats.safetensors") in refusal(load, copied, "cpu")


def test_a_threshold_is_asked_for(copied):
    edit(copied / "dev.yaml", threshold=None)
    line = refusal(load, copied, "cpu")
    assert "threshold" in line and str(copied / "dev.yaml") in line


@pytest.mark.parametrize("threshold", [float("nan"), float("inf")])
def test_a_threshold_is_a_number(copied, threshold):
    edit(copied / "dev.yaml", threshold=threshold)
    line = refusal(load, copied, "cpu")
    assert f"threshold={threshold}" in line and str(copied / "dev.yaml") in line


def test_no_folder_no_vocoder_no_device(checkpoint_folder, tmp_path):
    assert str(tmp_path / "none") in refusal(load, tmp_path / "none")
    assert "griffin_lim, griffin_lim_random, source_filter, world" in refusal(
        load, checkpoint_folder, "cpu", vocoder="nonesuch"
    )
    assert "nonesuch" in refusal(load, checkpoint_folder, "nonesuch")
    assert "cuda:99" in refusal(load, checkpoint_folder, "cuda:99")


@pytest.mark.parametrize("experiment", ["verification", "content"])
@pytest.mark.parametrize("objective", ["dbse", "s3vae", "spyl", "rwae"])
def test_a_rival_takes_the_place_of_an_experiments_objective(experiment, objective):
    composed = compose([f"experiment={experiment}", f"objective={objective}"])
    build(composed["model"])
    assert composed["objective"]["kind"] == f"{objective.upper()}Objective"
