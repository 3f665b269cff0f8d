"""Who speaks in minitimit, and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vcdisent.corpora.espeak import Voice

NUM_SA, NUM_SX, NUM_SI = 2, 5, 3  # sentences of each kind that one speaker says
FIRST_SI = 451  # TIMIT's numbers: SX1 to SX450, SI451 and on
SENTENCES = Path(__file__).with_name("minitimit_sentences.txt")


@dataclass(frozen=True)
class Speaker:
    """One voice.

    Attributes:
        name: as TIMIT names them, the sex first. No speaker of TIMIT has an X in second place.
        split: train, dev or test; the last two lie under TEST, as in TIMIT.
        region: TIMIT's dialect regions stand for eSpeak's accents here.
        voice: how eSpeak is set.
        tract: the factor on all formants, by resampling; above 1 is a shorter vocal tract.
    """

    name: str
    split: str
    region: str
    voice: Voice
    tract: float

    @property
    def folder(self) -> str:
        """Where in the tree the speaker lies."""
        return f"{'TRAIN' if self.split == 'train' else 'TEST'}/{self.region}/{self.name}"


SPEAKERS = (
    Speaker("FXAA0", "train", "DR1", Voice("en-us", "Annie", 50, 50, 165), 0.97),
    Speaker("MXAB0", "test", "DR1", Voice("en-us", "m1", 58, 50, 170), 1.04),
    Speaker("FXBA0", "test", "DR2", Voice("en-us-nyc", "steph", 48, 60, 160), 0.95),
    Speaker("MXBB0", "train", "DR2", Voice("en-us-nyc", "m4", 54, 60, 185), 0.95),
    Speaker("FXCA0", "train", "DR3", Voice("en", "linda", 42, 45, 165), 1.00),
    Speaker("MXCB0", "test", "DR3", Voice("en", "robert", 45, 55, 175), 0.92),
    Speaker("FXDA0", "test", "DR4", Voice("en-gb-x-rp", "aunty", 52, 60, 160), 1.03),
    Speaker("MXDB0", "train", "DR4", Voice("en-gb-x-rp", "m6", 64, 40, 160), 1.00),
    Speaker("FXEA0", "dev", "DR5", Voice("en-gb-scotland", "Andrea", 36, 50, 165), 0.98),
    Speaker("MXEB0", "train", "DR5", Voice("en-gb-scotland", "victor", 52, 50, 165), 1.08),
    Speaker("FXFA0", "train", "DR6", Voice("en-gb-x-gbclan", "anika", 30, 55, 170), 1.02),
    Speaker("MXFB0", "dev", "DR6", Voice("en-gb-x-gbclan", "m8", 68, 60, 180), 0.97),
    Speaker("FXGA0", "train", "DR7", Voice("en-gb-x-gbcwmd", "belinda", 38, 40, 165), 0.94),
    Speaker("MXGB0", "train", "DR7", Voice("en-gb-x-gbcwmd", "m7", 72, 50, 175), 1.06),
    Speaker("FXHA0", "train", "DR8", Voice("en-029", "f1", 60, 60, 160), 0.95),
    Speaker("MXHB0", "train", "DR8", Voice("en-029", "quincy", 64, 45, 165), 0.90),
)


def sentences(number: int) -> Iterator[tuple[str, str]]:
    """The names (SA1, SX1, SI451, ...) and texts of what speaker `number` says."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    own = lines[NUM_SA + number * (NUM_SX + NUM_SI) :]
    yield from ((f"SA{i + 1}", lines[i]) for i in range(NUM_SA))
    yield from ((f"SX{number * NUM_SX + i + 1}", own[i]) for i in range(NUM_SX))
    yield from ((f"SI{FIRST_SI + number * NUM_SI + i}", own[NUM_SX + i]) for i in range(NUM_SI))
