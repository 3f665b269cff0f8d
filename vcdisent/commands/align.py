"""vcdisent align: which phone is spoken when, in a data dir that has the words."""

import sys
from pathlib import Path

from vcdisent.corpora.align import align as align_utterances
from vcdisent.corpora.align import spread
from vcdisent.corpora.datadir import read_data_dir, write_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.counted import counted
from vcdisent.errors import InputError


def align(data_dir: Path, out: Path | None, num_jobs: int, max_per_speaker: int | None, allow_pipes: bool) -> int:
    """Writes `phones.ctm`; returns how many recordings could not be aligned, and are without phones.

    Args:
        data_dir: Has `text`.
        out: Gets the data dir with its phones; None adds them to `data_dir` itself.
        num_jobs: Workers.
        max_per_speaker: Keep so many utterances of each speaker; None keeps all.
        allow_pipes: Run the shell commands in `wav.scp`.

    Raises:
        InputError: There are no words, or nothing could be aligned.
    """
    if max_per_speaker and out is None:
        raise InputError("align --max-per-speaker leaves utterances out: name another data dir for the rest with -o")
    utterances = read_data_dir(data_dir, allow_pipes)

    if not any(utterance.text for utterance in utterances):
        raise InputError(f"{data_dir}: has no words to align; add a file text with lines `utterance words`")
    chosen = spread(utterances, max_per_speaker) if max_per_speaker else utterances
    aligned, skipped, unknown = align_utterances(chosen, num_jobs)
    with_phones = sum(bool(utterance.phones) for utterance in aligned)
    if not with_phones:
        tried = counted(len(skipped), "recording")
        raise InputError(f"{data_dir}: not one of {tried} could be aligned; the first: {skipped[0]}")
    write_data_dir(out or data_dir, aligned)
    num_words = sum(len((utterance.text or "").split()) for utterance in aligned)
    if unknown:
        print(f"not in the dictionary: {', '.join(sorted(unknown))}", file=sys.stderr)
    print(
        f"{out or data_dir}/phones.ctm: {counted(with_phones, 'utterance')}, {counted(num_words, 'word')}, "
        f"{unknown.total():,} of them "
        f"({len(unknown):,} different) not in the dictionary"
    )
    list_skipped(skipped)
    return len(skipped)
