"""Frames of a voice are found again by what they say."""

import pytest
import torch

from vcdisent.conversion import memory as module
from vcdisent.conversion.memory import Memory, MemoryBuilder


def test_frames_are_recalled_by_what_they_say():
    codes = torch.tensor([[-1.0, 0.0], [1.0, 0.0]]).repeat_interleave(50, 0)
    frames = torch.tensor([[5.0, 0, 0], [0.0, 0, 7]]).repeat_interleave(50, 0)
    memory = Memory(codes + 0.01 * torch.randn(100, 2, generator=torch.Generator().manual_seed(0)), frames)
    recalled = memory.recalled(torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), width=0.3)
    torch.testing.assert_close(recalled, torch.tensor([[5.0, 0, 0], [0.0, 0, 7]]), atol=0.2, rtol=0)


def test_what_was_never_said_is_the_mean():
    memory = Memory(torch.randn(100, 2), torch.randn(100, 3))
    recalled = memory.recalled(torch.full((1, 2), 100.0), width=0.3)
    torch.testing.assert_close(recalled, memory.frames.mean(0, keepdim=True))


def test_the_scale_of_the_codes_makes_no_difference():
    memory = Memory(torch.randn(100, 2), torch.randn(100, 3))
    scale, asked = torch.tensor([100.0, 0.01]), torch.randn(5, 2)
    scaled = Memory(memory.dynamic * scale, memory.frames)
    torch.testing.assert_close(scaled.recalled(asked * scale, 0.3), memory.recalled(asked, 0.3), atol=1e-3, rtol=1e-3)


def test_by_loudness_nothing_tells_which_came_after_which():
    frames = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    got = Memory(10 * frames, frames).by_loudness()
    assert (got.frames.mean(1).diff() >= 0).all() and torch.equal(got.dynamic, 10 * got.frames)
    again = Memory(10 * frames, frames).by_loudness().frames
    mixed = frames[torch.randperm(50, generator=torch.Generator().manual_seed(1))]
    assert torch.equal(got.frames, again) and torch.equal(got.frames, Memory(10 * mixed, mixed).by_loudness().frames)


@pytest.mark.parametrize("pieces", [[1000], [1] * 5 + [995], [10, 0, 490, 500]])
def test_however_it_comes_an_even_choice_is_kept(monkeypatch, pieces):
    monkeypatch.setattr(module, "MOST_FRAMES", 100)
    monkeypatch.setattr(module, "STRETCH_FRAMES", 5)
    frames, gathered = torch.arange(1000.0).unsqueeze(1), MemoryBuilder()
    for piece in frames.split(pieces):
        gathered.add(-piece, piece)
    kept = gathered.whole()
    wanted = [stretch + i for stretch in range(0, 1000, 5 * 16) for i in range(5)]
    assert kept.frames.flatten().tolist() == wanted and (kept.dynamic == -kept.frames).all()


def test_the_longer_a_voice_is_heard_the_more_of_it_is_known(monkeypatch):
    """However many frames are kept: of a little more than can be kept, that is half."""
    monkeypatch.setattr(module, "MOST_FRAMES", 100)
    frames, gathered, known = torch.arange(1000.0).unsqueeze(1), MemoryBuilder(), []
    for piece in frames.split(50):
        gathered.add(-piece, piece)
        known.append(gathered.whole().by_loudness().num_known)
    assert known == list(range(50, 1001, 50))
    assert Memory(frames, frames).num_known == 1000
