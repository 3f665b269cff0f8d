"""A data dir's recordings written again: in another format, which tells voices from codecs, or at other speeds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from vcdisent import audio
from vcdisent.atomic import write_text
from vcdisent.audio_write import OPUS_RATES_HZ
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.corpora.survey import list_skipped, usable, write_surveyed
from vcdisent.errors import InputError

CONTAINERS = ("opus", "flac", "wav")
# libsndfile's scale from 0 to 1. It gives 58 kbit/s on LibriSpeech's 16 kHz speech (57.7 on a dev set, 58.1 on a test
# set), the rate of Opus copies of its training set (57.6); libsndfile's default gives 28.
OPUS_COMPRESSION_LEVEL = 0.8


def recode(
    data_dir: str | Path,
    out: str | Path,
    container: str,
    skipped: list[str] | None = None,
    allow_pipes: bool = False,
    speeds: Sequence[float] = (1.0,),
) -> list[Utterance]:
    """Write the recordings of a data dir again, in mono and at their own rate, with a data dir for them.

    Args:
        data_dir: a data dir; its `trials`, if any, go along.
        out: the new data dir; the recordings go to `out/wav/<speaker>/`.
        container: "opus" (58 kbit/s; a rate that Opus does not take is raised to the next that it does), "flac" or
            "wav" (both 16-bit).
        skipped: gets a line about each recording that is left out.
        allow_pipes: run the shell commands in `wav.scp`.
        speeds: at each of which every recording is written. At another than 1 its pitch and its resonances move too, so
            that the copy counts as another speaker's: both ids begin with `sp1.1-`, as in Kaldi's recipes.

    Returns:
        The new utterances, sorted by id.

    Raises:
        InputError: the data dir, the container or a speed is wrong, or no recording can be read.
    """
    check_speeds(speeds)
    if container not in CONTAINERS:
        raise InputError(f"format {container!r} is unknown: use one of {', '.join(CONTAINERS)}")
    data_dir, out, skipped = Path(data_dir), Path(out).absolute(), [] if skipped is None else skipped
    if out.resolve() == data_dir.resolve():
        raise InputError(f"{out}: is the data dir to be recoded: give another folder")
    originals = read_data_dir(data_dir, allow_pipes, check_sources=False)
    how = (partial(_recode_one, folder=out / "wav", container=container, speed=speed) for speed in speeds)
    recoded = chain.from_iterable(usable(data_dir, originals, one, skipped) for one in how)
    written = write_surveyed(out, recoded, skipped)
    if (data_dir / "trials").is_file():
        _copy_trials(data_dir / "trials", out / "trials", {utterance.id for utterance in written})
    list_skipped(skipped)
    return written


def check_speeds(speeds: Sequence[float]) -> None:
    """Raises InputError unless there are some, all different, from a half to two."""
    if not speeds or len(set(speeds)) < len(speeds) or not all(0.5 <= speed <= 2 for speed in speeds):
        raise InputError(f"speeds {', '.join(map(str, speeds))}: give different ones from 0.5 to 2, such as 0.9 1 1.1")


def at_speed(utterance: Utterance, speed: float) -> Utterance:
    """What is known of an utterance that is played at another speed."""
    if speed == 1:
        return utterance
    phones = tuple((start_s / speed, length_s / speed, phone) for start_s, length_s, phone in utterance.phones)
    prefix = f"sp{speed:g}-"
    return replace(utterance, id=prefix + utterance.id, speaker=prefix + utterance.speaker, phones=phones)


def _recode_one(original: Utterance, folder: Path, container: str, speed: float) -> Utterance:
    wav, sample_rate = original.read()
    wav, utterance = audio.resample(wav, round(sample_rate * speed), sample_rate), at_speed(original, speed)
    if container == "opus" and sample_rate not in OPUS_RATES_HZ:
        target_rate = min((rate for rate in OPUS_RATES_HZ if rate > sample_rate), default=max(OPUS_RATES_HZ))
        wav, sample_rate = audio.resample(wav, sample_rate, target_rate), target_rate
    path = folder / utterance.speaker / f"{utterance.id}.{container}"
    level = OPUS_COMPRESSION_LEVEL if container == "opus" else None
    with audio.Writer(path, sample_rate, compression_level=level) as writer:
        writer.write(wav)
    return replace(utterance, source=str(path))


def _copy_trials(path: Path, out: Path, kept: set[str]) -> None:
    """Copy those trials whose two utterances there are."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    write_text(out, "".join(line for line in lines if kept.issuperset(line.split()[:2])))
