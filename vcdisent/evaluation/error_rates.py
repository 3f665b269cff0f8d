"""How far what is heard in a recording is from what should be: errors over words, characters and phones."""

import re
from dataclasses import dataclass

from vcdisent.evaluation.extras import extra

NOT_IN_WORDS = re.compile(r"[^\w' ]|_")


@dataclass(frozen=True)
class TextErrors:
    """Edit distances of a transcript, as rates of the length of its reference.

    Attributes:
        wer: Word error rate.
        cer: Character error rate.
        num_words: Words of the reference.
    """

    wer: float
    cer: float
    num_words: int


def text_errors(reference: str, heard: str) -> TextErrors | None:
    """How far `heard` is from `reference`, both normalised first; None where the reference has no words."""
    jiwer = extra("jiwer")
    reference, heard = normalise_text(reference), normalise_text(heard)
    if not reference:
        return None
    return TextErrors(jiwer.wer(reference, heard), jiwer.cer(reference, heard), len(reference.split()))


def phone_error_rate(reference: list[str], heard: list[str]) -> float | None:
    """Edit distance of the phones that are heard, as a share of the reference's; None where that has none."""
    return extra("jiwer").wer(" ".join(reference), " ".join(heard)) if reference else None


def normalise_text(text: str) -> str:
    """Upper case, no punctuation but apostrophes, single spaces; numbers stay as they are written."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").upper()
    return " ".join(word.strip("'") for word in NOT_IN_WORDS.sub(" ", text).split() if word.strip("'"))
