"""TIMIT's phone alignments: 61 phones folded to the 39 that results are given in."""

from pathlib import Path

from vcdisent.corpora.datadir_checks import Phone
from vcdisent.corpora.tables import line_error, read_lines

SAMPLE_RATE = 16_000
DROPPED = "q"  # the glottal stop
# Lee and Hon, "Speaker-independent phone recognition using hidden Markov models", IEEE Trans. ASSP 37 (1989), table II.
FOLDED = {
    phone: group.split()[0]
    for group in (
        "aa ao",
        "ah ax ax-h",
        "er axr",
        "hh hv",
        "ih ix",
        "l el",
        "m em",
        "n en nx",
        "ng eng",
        "sh zh",
        "uw ux",
        "sil pcl tcl kcl bcl dcl gcl h# pau epi",
    )
    for phone in group.split()
}
UNFOLDED = "ae aw ay b ch d dh dx eh ey f g iy jh k ow oy p r s t th uh v w y z"
PHONES = sorted({*FOLDED.values(), *UNFOLDED.split()})


def read_phones(path: Path) -> tuple[Phone, ...]:
    """Read a `.PHN` file, lines of first sample, last sample and phone.

    Returns:
        (start_s, duration_s, phone) with the phones folded to 39; the glottal stop `q` is left out.

    Raises:
        InputError: naming the line that is wrong.
    """
    phones = []
    for line, text in read_lines(path):
        fields = text.split()
        if len(fields) != 3 or not fields[0].isdigit() or not fields[1].isdigit():
            raise line_error(path, line, f"is '{text}', where 'first-sample last-sample phone' is expected")
        start, end, phone = int(fields[0]), int(fields[1]), fields[2].lower()
        if phone not in FOLDED and phone not in PHONES and phone != DROPPED:
            raise line_error(path, line, f"{phone} is none of TIMIT's 61 phones: correct it")
        if phone != DROPPED:
            phones.append((start / SAMPLE_RATE, (end - start) / SAMPLE_RATE, FOLDED.get(phone, phone)))
    return tuple(phones)
