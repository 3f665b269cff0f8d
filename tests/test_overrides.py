"""A mistyped override is told in plain words, with what would have been right."""

import pytest

from vcdisent.config import compose
from vcdisent.errors import InputError
from vcdisent.overrides import choices, suggestion

HYDRAS = ("Hydra", "hydra", "append", "override", "search path", "+")


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["modle=x"], "there is no modle; did you mean model?"),
        (["trainer.max_step=3"], "there is no trainer.max_step; did you mean trainer.max_steps"),
        (["features=log_mel", "trainer.max_step=3"], "did you mean trainer.max_steps"),
        (["features=log_mel", "features.nmels=3"], "there is no features.nmels; did you mean features.n_mels"),
        (["objective.weights.mi_statc=3"], "did you mean objective.weights.mi_static"),
        (["objective.mi_static=3"], "did you mean objective.weights.mi_static"),
        (["features.bins=10"], "there is no features.bins; features has floor, hop_length, kind"),
        (["qqq=1"], "there is no qqq; it has adaptation, augment, corpus, covariance, experiment, features"),
        (["trainer.max_steps.x=1"], "did you mean trainer.max_steps"),
        (["experiment=nosuch"], "there is no experiment=nosuch; there are "),
        (["experiment=[timit,nosuch]"], "there is no experiment=nosuch; there are "),
        (["features=[1]"], "there is no features=1; there are frames, log_magnitude, log_mel, waveform, world"),
        (["trainer=3"], "there is no trainer=3; there are default"),
        (["features.floor"], "features.floor is no KEY=VALUE"),
        (["=3"], "=3 is no KEY=VALUE"),
        (["out=[1"], """out=[1 cannot be read; put the value in quotes: 'out="[1"'"""),
        (["+foo=1"], "there is no foo, and nothing would read it"),
        (["trainer.max_steps=1,2"], "gives several values, and one is wanted"),
        (["trainer.max_steps=${nosuch}"], "trainer.max_steps: Interpolation key 'nosuch' not found"),
    ],
)
def test_a_mistake_is_one_plain_line(overrides, said):
    with pytest.raises(InputError) as caught:
        compose(overrides)
    line = str(caught.value)
    assert line.startswith("configuration: ") and said in line and "\n" not in line
    assert not any(word in line for word in HYDRAS)


def test_the_line_that_quotes_a_value_is_right():
    assert compose(['out="[1"'])["out"] == "[1"


def test_the_command_line_tells_it_too(vcdisent, tiny, tmp_path):
    ran = vcdisent("train", "modle=x")
    assert ran.status == 2 and ran.err == "vcdisent: configuration: there is no modle; did you mean model?\n"
    ran = vcdisent("train", *tiny, f"out={tmp_path}/out", "trainer.max_steps=abc")
    wanted = "vcdisent: configuration: trainer.max_steps=abc makes no sense; give a whole number, 1 or more\n"
    assert ran.status == 2 and ran.err == wanted
    assert not (tmp_path / "out").exists()


def test_choices_are_those_in_groups():
    overrides = ["features=log_mel", "seed=1", "experiment=null", "trainer.max_steps=2", "~posterior"]
    assert choices(overrides) == ["features=log_mel", "experiment=null", "~posterior"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.bx", "did you mean a.bxx?"),
        ("x.bxx", "did you mean a.bxx?"),
        ("a.q", "a has bxx, c"),
        ("a.c.e", "did you mean a.c.d.e?"),
    ],
)
def test_what_is_near(name, said):
    assert suggestion(name, ["a", "a.bxx", "a.c", "a.c.d", "a.c.d.e"]) == said
