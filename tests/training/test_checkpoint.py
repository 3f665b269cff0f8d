"""Checkpoint folders: what is written comes back, a killed save leaves what was there, and nothing read runs code."""

import os
import pickle

import pytest
import torch

from vcdisent.errors import InputError
from vcdisent.training import checkpoint


def refusal(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_yaml_there_and_back_in_the_order_given(tmp_path):
    content = {"z": 1, "a": {"b": [1.5, None, True, "é"]}, "small": 1e-5}
    checkpoint.save_yaml(tmp_path / "c.yaml", content)
    assert checkpoint.load_yaml(tmp_path / "c.yaml") == content
    assert list(checkpoint.load_yaml(tmp_path / "c.yaml")) == list(content)


@pytest.mark.parametrize("text", ["", "- 1", "just words", "a: [", "a: !!python/object/apply:os.getcwd []"])
def test_yaml_that_is_no_mapping_is_refused(tmp_path, text):
    path = tmp_path / "c.yaml"
    path.write_text(text)
    assert str(path) in refusal(checkpoint.load_yaml, path)
    assert str(tmp_path) in refusal(checkpoint.load_yaml, tmp_path)


def test_tensors_there_and_back(tmp_path):
    tensors = {"a": torch.arange(6.0).reshape(2, 3).T, "b": torch.tensor(3), "c": torch.ones(2, requires_grad=True)}
    checkpoint.save_tensors(tmp_path / "t.safetensors", tensors)
    loaded = checkpoint.load_tensors(tmp_path / "t.safetensors")
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())


def test_weights_go_into_the_model_they_came_from(tmp_path, make_model):
    model, other = make_model(), make_model()
    torch.nn.init.constant_(other.prior.head.mean.weight, 3.0)
    checkpoint.save_tensors(tmp_path / "w.safetensors", model.state_dict())
    checkpoint.load_weights(other, tmp_path / "w.safetensors")
    assert all(map(torch.equal, model.parameters(), other.parameters()))


def test_weights_of_another_model_are_refused(tmp_path, make_model):
    path = tmp_path / "w.safetensors"
    checkpoint.save_tensors(path, make_model("AutoregressivePosterior").state_dict())
    line = refusal(checkpoint.load_weights, make_model(), path)
    assert str(path) in line and "another model" in line and "dynamic_posterior" in line


def test_statistics_must_be_of_as_many_bins(tmp_path):
    path = tmp_path / "s.safetensors"
    checkpoint.save_tensors(path, {"mean": torch.zeros(5), "std": torch.ones(5)})
    assert checkpoint.load_normaliser(path, [5]).std.tolist() == [1.0] * 5
    assert str(path) in refusal(checkpoint.load_normaliser, path, [4])
    assert str(path) in refusal(checkpoint.load_normaliser, path, [5, 8, 8])
    checkpoint.save_tensors(path, {"average": torch.zeros(5)})
    assert "average" in refusal(checkpoint.load_normaliser, path, [5])


def test_statistics_of_images_may_be_one_for_all_pixels(tmp_path):
    path = tmp_path / "s.safetensors"
    checkpoint.save_tensors(path, {"mean": torch.zeros(1, 1, 1), "std": torch.full((3, 1, 1), 255.0)})
    normaliser = checkpoint.load_normaliser(path, [3, 8, 8])
    assert (normaliser(torch.full((2, 5, 3, 8, 8), 255.0)) == 1).all()
    assert "1 x 8 x 8" in refusal(checkpoint.load_normaliser, path, [1, 8, 8])
    checkpoint.save_tensors(path, {"mean": torch.zeros(1), "std": torch.ones(1)})
    assert str(path) in refusal(checkpoint.load_normaliser, path, [5]), "a bin of speech has its own"


def test_state_there_and_back(tmp_path):
    state = {"step": 3, "best": -1.5, "tensors": {"a": torch.ones(2)}, "list": [1, None]}
    checkpoint.save_state(tmp_path / "state.pt", state)
    loaded = checkpoint.load_state(tmp_path / "state.pt")
    assert loaded["step"] == 3 and loaded["best"] == -1.5 and torch.equal(loaded["tensors"]["a"], torch.ones(2))


class Payload:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("write", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_a_state_that_would_run_code_is_refused(tmp_path, write):
    path = tmp_path / "state.pt"
    write({"step": 1, "model": Payload(f"touch {tmp_path}/ran")}, path)
    assert str(path) in refusal(checkpoint.load_state, path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_damaged_state_is_refused(tmp_path, content):
    path = tmp_path / "state.pt"
    path.write_bytes(content)
    assert str(path) in refusal(checkpoint.load_state, path)
    checkpoint.save_state(path, {"a": torch.ones(1000)})
    path.write_bytes(path.read_bytes()[:2000])
    assert str(path) in refusal(checkpoint.load_state, path)


def half_a_state(content, path):
    """A save that the process does not live through."""
    path.open("wb", buffering=0).write(b"half of it")
    os._exit(9)


def half_of_bytes(path, content):
    """The same."""
    half_a_state(content, path)


@pytest.mark.parametrize(
    ("save", "load", "place", "half"),
    [
        (checkpoint.save_state, checkpoint.load_state, "torch.save", half_a_state),
        (checkpoint.save_tensors, checkpoint.load_tensors, "pathlib.Path.write_bytes", half_of_bytes),
    ],
)
def test_a_killed_save_leaves_the_old_file(tmp_path, monkeypatch, save, load, place, half):
    save(tmp_path / "kept.pt", {"a": torch.ones(3)})
    monkeypatch.setattr(place, half)
    child = os.fork()
    if child == 0:
        save(tmp_path / "kept.pt", {"a": torch.zeros(3)})
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 9
    assert torch.equal(load(tmp_path / "kept.pt")["a"], torch.ones(3))


def test_a_failing_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    checkpoint.save_state(path, {"a": 1})

    def fail(content, partial):
        partial.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save_state(path, {"a": 2})
    monkeypatch.undo()
    assert checkpoint.load_state(path) == {"a": 1} and list(tmp_path.iterdir()) == [path]
