"""The contrastive estimate between the steps of one sequence."""

import math

import pytest
import torch

from vcdisent.errors import InputError
from vcdisent.objective.contrastive import Contrastive, information_within


def test_steps_that_all_differ_read_at_the_cap() -> None:
    codes = torch.eye(6).expand(3, 6, 6)
    sharp = information_within(codes, codes, temperature=0.02)
    assert sharp.item() == pytest.approx(6 * math.log(6), abs=1e-3)
    assert 0 < information_within(codes, codes, temperature=0.5) < sharp


def test_what_stays_tells_nothing() -> None:
    voices = torch.randn(4, 1, 5).expand(4, 7, 5)
    torch.testing.assert_close(information_within(voices, voices), torch.tensor(0.0), atol=1e-4, rtol=0)


def test_independent_views_read_at_most_nothing() -> None:
    generator = torch.Generator().manual_seed(0)
    own, view = torch.randn(2, 200, 8, 5, generator=generator)
    assert information_within(own, view) < 0


def test_sequences_of_a_batch_do_not_meet() -> None:
    generator = torch.Generator().manual_seed(0)
    own, view = torch.randn(2, 3, 8, 5, generator=generator)
    alone = [information_within(own[row : row + 1], view[row : row + 1]) for row in range(3)]
    torch.testing.assert_close(information_within(own, view), torch.stack(alone).mean())


@pytest.mark.parametrize("options", [{"code_shape": [8]}, {"code_shape": [4, 8], "memory": 16}])
def test_it_is_for_codes_over_time_without_a_memory(options: dict) -> None:
    with pytest.raises(InputError, match="critic within is for codes over time, and takes no memory"):
        Contrastive(critic="within", **options)


def test_a_part_of_the_view_is_for_the_critic_within() -> None:
    assert Contrastive([4, 8], critic="within", view_share=0.3).view_share == 0.3
    with pytest.raises(InputError, match="view_share is for the critic within"):
        Contrastive([4, 8], view_share=0.3)
    with pytest.raises(InputError, match="view_share above 0 and up to 1"):
        Contrastive([4, 8], critic="within", view_share=0.0)
