"""Frames to batches: the right segments, keyed by step, the same on any number of ranks."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vcdisent.augment.keep_dynamic_audio import SpeakerWarp
from vcdisent.augment.keep_static import AnotherSegment, Shuffle, ShuffleMirrored
from vcdisent.augment.unchanged import Unchanged
from vcdisent.batches import FrameBank, Keyed, Normaliser, SegmentBatches, Where
from vcdisent.errors import InputError
from vcdisent.features import store

CPU = torch.device("cpu")
LENGTHS = {"a-1": 9, "a-2": 30, "b-1": 4, "c-1": 12, "c-2": 10, "d-1": 25, "e-1": 40}
NUM_BINS, SEGMENT = 40, 10


@pytest.fixture
def bank(tmp_path: Path) -> FrameBank:
    """Frames whose first value counts them through the corpus and whose second is the number of their utterance."""
    number, matrices = 0, {}
    for index, (utterance, length) in enumerate(LENGTHS.items()):
        matrices[utterance] = np.zeros((length, NUM_BINS), np.float32)
        matrices[utterance][:, 0] = np.arange(number, number + length)
        matrices[utterance][:, 1] = index
        number += length
    store.pack(tmp_path, matrices, LENGTHS, {utterance: utterance[0] for utterance in LENGTHS})
    (tmp_path / store.SETTINGS).write_text("kind: LogMagnitude\n")
    return FrameBank.load(tmp_path, CPU)


@pytest.fixture
def as_it_is() -> Normaliser:
    return Normaliser(torch.zeros(NUM_BINS), torch.ones(NUM_BINS))


def make_batches(bank: FrameBank, normaliser: Normaliser, **options: int) -> SegmentBatches:
    wanted = {"batch_size": 4, "num_frames": SEGMENT, "seed": 0, **options}
    return SegmentBatches(bank, normaliser, Shuffle(), SpeakerWarp(num_cepstra=10), **wanted)


def test_normalised_frames_have_no_mean_and_a_variance_of_one() -> None:
    frames = 3 + 2 * torch.randn(500, 4)
    normaliser = Normaliser(frames.mean(0), frames.std(0))
    x = normaliser(frames)
    torch.testing.assert_close(x.mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(x.std(0), torch.ones(4))
    torch.testing.assert_close(normaliser.inverse(x), frames)
    assert set(normaliser.state_dict()) == {"mean", "std"}


def test_a_bank_holds_each_utterance(bank: FrameBank) -> None:
    assert bank.ids == list(LENGTHS)
    assert bank.speakers.tolist() == [0, 0, 1, 2, 2, 3, 4]
    assert bank.num_speakers == 5
    for index, length in enumerate(LENGTHS.values()):
        frames = bank.utterance(index)
        assert frames.shape == (length, NUM_BINS)
        assert frames.dtype == torch.float32
        assert (frames[:, 1] == index).all()


def test_segments_are_frames_in_a_row(bank: FrameBank) -> None:
    segments = bank.segments(torch.tensor([0, 17, 120]), 10, CPU)
    assert segments.dtype == torch.float32
    torch.testing.assert_close(segments[:, :, 0], torch.tensor([[0.0], [17.0], [120.0]]) + torch.arange(10))


def test_a_step_always_has_the_same_batch(bank: FrameBank, as_it_is: Normaliser) -> None:
    one, again = make_batches(bank, as_it_is).batch(7), make_batches(bank, as_it_is).batch(7)
    for name in ("x", "order", "x_dynamic", "speakers"):
        assert torch.equal(getattr(one, name), getattr(again, name))
    assert torch.equal(one.keyed.normal("static", (4, 3)), again.keyed.normal("static", (4, 3)))


def test_steps_and_seeds_have_batches_of_their_own(bank: FrameBank, as_it_is: Normaliser) -> None:
    first = make_batches(bank, as_it_is).batch(0)
    for other in (make_batches(bank, as_it_is).batch(1), make_batches(bank, as_it_is, seed=1).batch(0)):
        for name in ("x", "order", "x_dynamic"):
            assert not torch.equal(getattr(first, name), getattr(other, name))
        assert not torch.equal(first.keyed.normal("static", (4, 3)), other.keyed.normal("static", (4, 3)))


def test_segments_lie_in_long_enough_utterances_and_none_comes_twice(bank: FrameBank, as_it_is: Normaliser) -> None:
    batches = make_batches(bank, as_it_is)
    seen: dict[str, set[int]] = {}
    for step in range(150):
        batch = batches.batch(step)
        utterances = batch.x[:, 0, 1].long()
        assert len(utterances.unique()) == 4
        assert (batch.x[:, :, 1] == utterances.unsqueeze(1)).all()
        assert (batch.x[:, :, 0].diff(dim=1) == 1).all()
        assert torch.equal(batch.speakers, bank.speakers[utterances])
        for index, start in zip(utterances.tolist(), batch.x[:, 0, 0].tolist(), strict=True):
            seen.setdefault(bank.ids[index], set()).add(int(start) - int(bank.starts[index]))
    assert seen.keys() == {"a-2", "c-1", "c-2", "d-1", "e-1"}
    assert all(offsets == set(range(LENGTHS[name] - SEGMENT + 1)) for name, offsets in seen.items())


def test_views_are_of_the_segments_that_are_seen(bank: FrameBank) -> None:
    normaliser = Normaliser(torch.full((NUM_BINS,), 5.0), torch.full((NUM_BINS,), 2.0))
    batch = make_batches(bank, normaliser).batch(3)
    assert torch.equal(batch.order.sort(dim=1).values, torch.arange(SEGMENT).expand(4, -1))
    warped = SpeakerWarp(num_cepstra=10)(normaliser.inverse(batch.x), None, batch.keyed.generator("keep_dynamic"))
    torch.testing.assert_close(batch.x_dynamic, normaliser(warped), atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("of", ["utterance", "speaker"])
def test_another_segment_is_of_the_same_utterance_or_the_same_speaker(
    bank: FrameBank, as_it_is: Normaliser, of: str
) -> None:
    batches = SegmentBatches(bank, as_it_is, AnotherSegment(of), SpeakerWarp(num_cepstra=10), 4, SEGMENT, 0)
    seen = set()
    for step in range(40):
        batch = batches.batch(step)
        assert batch.order is None
        assert batch.x_static.shape == batch.x.shape
        torch.testing.assert_close(batch.x_static[:, 1:, 0] - batch.x_static[:, :-1, 0], torch.ones(4, SEGMENT - 1))
        own, other = batch.x[:, 0, 1].long(), batch.x_static[:, 0, 1].long()
        assert torch.equal(bank.speakers[own], bank.speakers[other])
        seen |= set(zip(own.tolist(), other.tolist(), strict=True))
        assert not torch.equal(batch.x, batch.x_static)
    assert any(a != b for a, b in seen) == (of == "speaker")


def test_a_mirrored_view_has_frames_of_its_own_normalised_like_the_segments() -> None:
    images = torch.arange(6 * 4 * 3 * 2 * 2).view(24, 3, 2, 2).to(torch.uint8)
    starts, lengths = torch.arange(0, 24, 4), torch.full((6,), 4)
    bank = FrameBank(images, starts, lengths, torch.arange(6), [str(number) for number in range(6)])
    normaliser = Normaliser(torch.zeros(1, 1, 1), torch.full((1, 1, 1), 255.0))
    batches = SegmentBatches(bank, normaliser, ShuffleMirrored(), Unchanged(), batch_size=3, num_frames=4, seed=0)
    batch = batches.batch(0)
    assert batch.order is None and batch.x_static is not None
    frames = batch.x.flip(-1).flatten(2)
    for own, view in zip(frames, batch.x_static.flatten(2), strict=True):
        assert sorted(own.tolist()) == sorted(view.tolist())
    torch.testing.assert_close(batch.x_dynamic, batch.x)


def test_a_segment_of_neither_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^configuration: AnotherSegment takes of=utterance or of=speaker, not 'x'$"):
        AnotherSegment("x")


class Stored:
    """A keep-dynamic view that remembers where it was asked for."""

    def bind(self, ids: list[str]) -> None:
        self.ids = ids

    def __call__(self, frames: torch.Tensor, where: Where, generator: torch.Generator) -> torch.Tensor:
        self.where = where
        return frames


def test_a_view_that_was_made_beforehand_learns_where_the_segments_are(bank: FrameBank, as_it_is: Normaliser) -> None:
    stored = Stored()
    batch = SegmentBatches(bank, as_it_is, Shuffle(), stored, 4, SEGMENT, 0).batch(2)
    assert stored.ids == bank.ids
    starts = bank.starts[stored.where.utterances] + stored.where.offsets
    assert torch.equal(batch.x[:, 0, 0], starts.float())


def test_a_batch_that_the_corpus_cannot_fill_is_an_error(bank: FrameBank, as_it_is: Normaliser) -> None:
    make_batches(bank, as_it_is, batch_size=5)
    with pytest.raises(InputError, match=r"^5 of 7 utterances have 10 frames or more, and a batch needs 6: give .*$"):
        make_batches(bank, as_it_is, batch_size=6)


@pytest.mark.parametrize("num_ranks", [2, 4])
def test_ranks_share_the_batch_and_the_noise_of_one(bank: FrameBank, as_it_is: Normaliser, num_ranks: int) -> None:
    whole = make_batches(bank, as_it_is).batch(5)
    parts = [make_batches(bank, as_it_is, rank=rank, num_ranks=num_ranks).batch(5) for rank in range(num_ranks)]
    for name in ("x", "order", "x_dynamic", "speakers"):
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(whole, name))
    noise = torch.cat([part.keyed.normal("dynamic", (4 // num_ranks, 6, 3)) for part in parts])
    assert torch.equal(noise, whole.keyed.normal("dynamic", (4, 6, 3)))


def test_ranks_that_cannot_share_a_batch_evenly_are_an_error(bank: FrameBank, as_it_is: Normaliser) -> None:
    with pytest.raises(InputError, match=r"^a batch of 4 cannot be shared evenly by 3 ranks: give a "):
        make_batches(bank, as_it_is, num_ranks=3)


def test_noise_is_keyed_by_its_purpose(keyed: Keyed) -> None:
    def draw(key: Keyed, purpose: str) -> Tensor:
        return key.normal(purpose, (50, 40))

    assert torch.equal(draw(keyed, "static"), draw(keyed, "static"))
    others = [draw(keyed, "dynamic"), draw(Keyed(1, 0, CPU), "static"), draw(Keyed(0, 1, CPU), "static")]
    for other in others:
        correlation = torch.corrcoef(torch.stack([draw(keyed, "static").flatten(), other.flatten()]))[0, 1]
        assert abs(correlation) < 0.1
    assert draw(keyed, "static").mean().abs() < 0.1
    assert draw(keyed, "static").std() == pytest.approx(1, abs=0.1)
