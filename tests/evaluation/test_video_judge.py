"""A judge of video gives distributions, for frames of any size, and learns from what it may alone."""

import pytest
import torch

from vcdisent.batches import FrameBank
from vcdisent.errors import InputError
from vcdisent.evaluation.judge_training import HOW, chosen, held_out, train_judge
from vcdisent.evaluation.video_judge import VideoJudge, judge_bank

CPU = torch.device("cpu")
CLASSES = {"colour": ["a", "b", "c"], "pace": ["x", "y"]}


@pytest.mark.parametrize("frame_shape", [(3, 64, 64), (1, 32, 48), (1, 4, 4), (3, 17, 9)])
def test_it_gives_a_distribution_a_label(frame_shape):
    opinions = VideoJudge(frame_shape, CLASSES, num_features=16, width=8)(torch.rand(2, 5, *frame_shape))
    assert {name: rows.shape for name, rows in opinions.items()} == {"colour": (2, 3), "pace": (2, 2)}
    assert all(torch.allclose(rows.exp().sum(1), torch.ones(2)) for rows in opinions.values())


def bank(num=5):
    frames = torch.arange(num * 3, dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, 1, 8, 8).contiguous()
    return FrameBank(frames, 3 * torch.arange(num), torch.full((num,), 3), torch.arange(num), list("abcdefgh"[:num]))


def test_chosen_sequences_keep_their_frames():
    some = chosen(bank(), torch.tensor([3, 1]))
    assert some.ids == ["d", "b"] and some.frames is not None
    assert some.utterance(0)[:, 0, 0, 0].tolist() == [9, 10, 11] and some.utterance(1)[0, 0, 0, 0] == 3


def test_a_bank_is_judged_in_its_order():
    judge = VideoJudge((1, 8, 8), CLASSES, num_features=16, width=8).eval()
    every = judge_bank(judge, bank(), 3, CPU)
    one = judge(bank().utterance(2).unsqueeze(0) / 255)
    assert all(torch.allclose(every[name][2], one[name][0], atol=1e-5) for name in CLASSES)


@pytest.mark.parametrize(("num", "size"), [(2, 1), (40, 2), (100_000, 512)])
def test_what_is_held_out_is_not_learnt_from(num, size):
    learnt, other = held_out([f"{number:06d}" for number in range(num)])
    assert len(other) == size and sorted([*learnt.tolist(), *other.tolist()]) == list(range(num))


def test_clips_of_one_take_are_held_out_together():
    ids = [f"{take}-{clip}" for take in range(40) for clip in range(4)]
    learnt, other = held_out(ids)
    assert len(other) == 8 and not {i // 4 for i in learnt.tolist()} & {i // 4 for i in other.tolist()}


def test_one_sequence_teaches_nothing(tmp_path):
    judge = VideoJudge((1, 8, 8), CLASSES, num_features=16, width=8)
    labels = {name: torch.zeros(1, dtype=torch.long) for name in CLASSES}
    with pytest.raises(InputError, match="two labelled sequences"):
        train_judge(judge, bank(1), labels, 3, CPU, tmp_path, HOW)
