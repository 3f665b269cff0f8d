"""Edit distances over words, characters and phones."""

import pytest

from vcdisent.evaluation.error_rates import normalise_text, phone_error_rate, text_errors


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" It's  raining, isn\u2019t it? ", "IT'S RAINING ISN'T IT"),
        ("'Well,' she said: \"no\" \u2014 no!", "WELL SHE SAID NO NO"),
        ("a well-known 20-year_old", "A WELL KNOWN 20 YEAR OLD"),
        ("caf\u00e9", "CAF\u00c9"),
        (" ... ' ", ""),
    ],
)
def test_text_is_normalised(text: str, normal: str) -> None:
    assert normalise_text(text) == normal


def test_text_errors_are_edit_distances() -> None:
    pytest.importorskip("jiwer", reason="the extra judge is not installed")
    errors = text_errors("one two three four", "One, too three four five.")
    assert errors.wer == pytest.approx(2 / 4)
    assert errors.cer == pytest.approx(6 / 18)
    assert errors.num_words == 4
    assert text_errors("the same", "The same!").wer == 0
    assert text_errors("words", "").wer == 1
    assert text_errors(" ?", "words") is None


def test_phone_errors_are_edit_distances() -> None:
    pytest.importorskip("jiwer", reason="the extra judge is not installed")
    assert phone_error_rate(["t", "\u0259", "n", "\u02d0"], ["t", "n", "\u02d0"]) == 0.25
    assert phone_error_rate(["t"], []) == 1
    assert phone_error_rate([], ["t"]) is None
