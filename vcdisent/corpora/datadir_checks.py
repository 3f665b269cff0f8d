"""What the files of a Kaldi data dir must say, each by itself and against the others."""

from collections.abc import Collection
from pathlib import Path

from vcdisent.corpora.tables import Row, line_error, read_lines, read_table
from vcdisent.errors import InputError

Phone = tuple[float, float, str]
GENDERS = ("f", "m")
CTM_LAYOUT = "utterance channel start duration phone"


def check_speakers(path: Path, speakers: dict[str, Row]) -> None:
    """Check that ids start with their speaker and that sorting by id has sorted by speaker.

    Args:
        path: how to call the file, `utt2spk`.
        speakers: the speaker of each id, sorted by id.

    Raises:
        InputError: naming the line.
    """
    last = ""
    for name, (speaker, line) in speakers.items():
        if not name.startswith(speaker):
            raise line_error(path, line, f"{name} does not start with its speaker {speaker}: name it {speaker}-{name}")
        if speaker < last:
            reason = f"sorting by utterance puts speaker {speaker} after {last}"
            raise line_error(path, line, f"{reason}: use ids speaker-utterance with no hyphen in the speaker")
        last = speaker


def check_known(path: Path, table: dict[str, Row], known: Collection[str], where: str) -> None:
    """Check that every key of a table is in `known`, the keys of the file `where`.

    Raises:
        InputError: naming the line.
    """
    for name, row in table.items():
        if name not in known:
            raise line_error(path, row.line, f"{name} is not in {where}: add it there or leave it out here")


def check_sources(path: Path, sources: dict[str, Row], allow_pipes: bool, must_exist: bool) -> None:
    """Check the recordings of a `wav.scp`.

    Raises:
        InputError: naming the line with a pipe that is not allowed or with a file that is not there.
    """
    for source, line in sources.values():
        if source.endswith("|"):
            if not allow_pipes:
                advice = "if you trust it pass --allow-pipes, or have vcdisent recode --allow-pipes make a file of it"
                raise line_error(path, line, f"is a shell command ({source}): {advice}")
        elif must_exist and not Path(source).is_file():
            raise line_error(path, line, f"{source} does not exist: correct the path")


def check_spk2utt(path: Path, speakers: dict[str, Row]) -> dict[str, Row]:
    """Check that `spk2utt` is the inverse of `utt2spk`, and return it.

    Raises:
        InputError: naming the line.
    """
    utterances: dict[str, list[str]] = {}
    for name, row in speakers.items():
        utterances.setdefault(row.value, []).append(name)
    table = read_table(path, "speaker utterances")
    check_known(path, table, utterances, "utt2spk")
    for speaker, row in table.items():
        if row.value.split() != utterances[speaker]:
            raise line_error(path, row.line, f"utterances of {speaker} disagree with utt2spk: make it anew from that")
    for speaker in utterances.keys() - table.keys():
        raise InputError(f"{path}: has no line for speaker {speaker} of utt2spk: make it anew from that")
    return table


def read_genders(path: Path, speakers: Collection[str]) -> dict[str, str]:
    """Read `spk2gender`, if there is one.

    Raises:
        InputError: naming the line.
    """
    if not path.exists():
        return {}
    table = read_table(path, "speaker f|m", one_word=True)
    check_known(path, table, speakers, "spk2utt")
    for gender, line in table.values():
        if gender not in GENDERS:
            raise line_error(path, line, f"{gender} is no gender here: write f or m")
    return {speaker: row.value for speaker, row in table.items()}


def read_texts(path: Path, utterances: Collection[str]) -> dict[str, str]:
    """Read `text`, if there is one.

    Raises:
        InputError: naming the line.
    """
    if not path.exists():
        return {}
    table = read_table(path, "utterance words")
    check_known(path, table, utterances, "utt2spk")
    return {name: row.value for name, row in table.items()}


def read_phones(path: Path, utterances: Collection[str]) -> dict[str, list[Phone]]:
    """Read `phones.ctm`, if there is one: the phones of each utterance, with start and duration in seconds.

    Raises:
        InputError: naming the line.
    """
    phones: dict[str, list[Phone]] = {}
    last = ("", 0.0)
    for line, text in read_lines(path) if path.exists() else ():
        name, phone = _parse_phone(path, line, text)
        if name not in utterances:
            raise line_error(path, line, f"{name} is not in utt2spk: add it there or leave it out here")
        if (name, phone[0]) < last:
            raise line_error(path, line, f"{name} {phone[0]} is out of order: sort by utterance, then by start")
        last = (name, phone[0])
        phones.setdefault(name, []).append(phone)
    return phones


def _parse_phone(path: Path, line: int, text: str) -> tuple[str, Phone]:
    fields = text.split()
    if len(fields) != len(CTM_LAYOUT.split()):
        raise line_error(path, line, f"has {len(fields)} fields, where '{CTM_LAYOUT}' is expected")
    name, _, start, duration, phone = fields
    try:
        return name, (float(start), float(duration), phone)
    except ValueError:
        raise line_error(path, line, f"{start} and {duration} must be a start and a duration in seconds") from None
