"""Numbers of things are said as people say them."""

import pytest

from vcdisent.counted import counted


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (0, "trial", "0 trials"),
        (1, "recording", "1 recording"),
        (2000, "recording", "2,000 recordings"),
        (1, "identity", "1 identity"),
        (6, "identity", "6 identities"),
    ],
)
def test_a_number_and_its_noun_agree(number: int, noun: str, words: str) -> None:
    assert counted(number, noun) == words
