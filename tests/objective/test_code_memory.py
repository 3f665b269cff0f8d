"""The memory of past codes: the newest, in order, and the same after resuming."""

import torch

from vcdisent.objective.code_memory import CodeMemory


def numbered(first: int, last: int) -> torch.Tensor:
    return torch.arange(first, last + 1).float().unsqueeze(1)


def test_keeps_the_newest_and_says_what_is_filled() -> None:
    memory = CodeMemory(5, 1)
    assert not memory.read()[1].any()
    memory.push(numbered(1, 2))
    codes, is_filled = memory.read()
    assert codes[is_filled].flatten().tolist() == [1, 2]
    memory.push(numbered(3, 4))
    memory.push(numbered(5, 6))
    codes, is_filled = memory.read()
    assert is_filled.all() and codes.flatten().tolist() == [5, 6, 3, 4, 1]


def test_more_codes_than_places() -> None:
    memory = CodeMemory(3, 1)
    memory.push(numbered(1, 7))
    codes, is_filled = memory.read()
    assert is_filled.all() and codes.flatten().tolist() == [1, 2, 3]


def test_what_was_read_stays_what_it_was() -> None:
    memory = CodeMemory(2, 1)
    memory.push(numbered(1, 2))
    codes, _ = memory.read()
    memory.push(numbered(3, 4))
    assert codes.flatten().tolist() == [1, 2]


def test_holds_no_history_of_gradients_and_travels_in_the_state() -> None:
    memory, resumed = CodeMemory(3, 2), CodeMemory(3, 2)
    memory.push(torch.ones(2, 2, requires_grad=True) * 2)
    assert not memory.codes.requires_grad
    resumed.load_state_dict(memory.state_dict())
    for ours, theirs in zip(resumed.read(), memory.read(), strict=True):
        assert torch.equal(ours, theirs)
