"""vcdisent page: conversions to listen to, each beside its source and its target, with what the judges said."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from vcdisent import audio
from vcdisent.atomic import write_text
from vcdisent.commands.conversion_list import Line, read_list
from vcdisent.commands.cost import load_cost
from vcdisent.conversion.voice import is_enrolled
from vcdisent.corpora.survey import list_skipped
from vcdisent.errors import InputError
from vcdisent.evaluation.listening_page import RATE_HZ, Sound, page, write_spectrogram
from vcdisent.evaluation.report import COLUMNS, conversion_table
from vcdisent.progress import progress

PAGE, SOUNDS = "index.html", "sounds"
SHOWN = ("similarity_target", "similarity_source", "distillmos", "dnsmos", "wer")


def make_page(list_file: Path, folders: Sequence[Path], out: Path) -> int:
    """Writes `out/index.html`, with all that it plays beside it; returns how many recordings were left out.

    Args:
        list_file: Lines `source target [target ...] name`; of several targets the page plays the
            first, of an enrolled voice none.
        folders: What vcdisent convert --list made of it, one a way of converting; each with what evaluate conversion
            wrote to `FOLDER.json`, if it did. A cell is empty where a folder lacks a conversion.
        out: Folder of the page.

    Raises:
        InputError: The list or scores cannot be read, or a folder has none of the conversions.
    """
    lines, folders = read_list(list_file), [folder.resolve() for folder in folders]
    for folder in folders:
        if not any((folder / f"{line.name}.wav").is_file() for line in lines):
            raise InputError(f"{folder}: has none of {list_file}; run vcdisent convert --list {list_file} -o {folder}")
    scores = {folder: read_scores(folder.with_name(f"{folder.name}.json")) for folder in folders}
    files, skipped = copy_sounds(sounds(lines, folders), out / SOUNDS)
    rows = {
        line.name: [sound(files, line.source), sound(files, line.targets[0])]
        + [sound(files, folder / f"{line.name}.wav", figures(scores[folder], line.name)) for folder in folders]
        for line in lines
    }
    named = {
        folder: folder.name if [f.name for f in folders].count(folder.name) == 1 else str(folder) for folder in folders
    }
    tables = [
        "\n".join([*told_of(folder, named[folder], own["judge"]), conversion_table(own["summary"])])
        for folder, own in scores.items()
        if own
    ]
    html = page(f"Conversions: {list_file.name}", ["source", "target", *named.values()], rows, "\n\n".join(tables))
    write_text(out / PAGE, html)
    print(out / PAGE)
    list_skipped(skipped)
    return len(skipped)


def told_of(folder: Path, name: str, judge: str | None) -> list[str]:
    """What stands above the table of a way of converting: its name, who judged it, and what it cost, if known."""
    cost = load_cost(folder)
    return [f"{name}, by judges to choose by" if judge else name] + ([f"made at a {cost}"] if cost else [])


def sound(files: Mapping[Path, str], path: Path, figures: Mapping[str, float] | None = None) -> Sound | None:
    """A recording as the page has it; None where it could not be used."""
    return Sound(files[path], figures or {}) if path in files else None


def sounds(lines: Sequence[Line], folders: Sequence[Path]) -> list[Path]:
    """Every recording that the page plays, once: sources and targets, and the conversions that there are."""
    asked = [path for line in lines for path in (line.source, line.targets[0]) if not is_enrolled(path)]
    made = [folder / f"{line.name}.wav" for line in lines for folder in folders]
    return list(dict.fromkeys([*asked, *filter(Path.is_file, made)]))


def copy_sounds(paths: Sequence[Path], folder: Path) -> tuple[dict[Path, str], list[str]]:
    """Puts recordings in a folder that holds nothing else; their names there, and what could not be used."""
    if folder.is_dir():
        for old in [*folder.glob("*.wav"), *folder.glob("*.png")]:
            old.unlink()
    files: dict[Path, str] = {}
    skipped: list[str] = []
    for path in progress(paths, unit="file"):
        name = f"{len(files):05d}"
        try:
            copy_sound(path, folder / name)
            files[path] = f"{folder.name}/{name}"
        except InputError as error:
            skipped.append(str(error))
    return files, skipped


def copy_sound(path: Path, to: Path) -> None:
    """Writes a recording in a format that browsers play, and its spectrogram: `to.wav` and `to.png`.

    Raises:
        InputError: It cannot be read.
    """
    wav, rate = audio.read(path)
    audio.write(to.with_suffix(".wav"), wav, rate)
    write_spectrogram(audio.resample(wav, rate, RATE_HZ), to.with_suffix(".png"))


def read_scores(path: Path) -> Mapping:
    """What evaluate conversion wrote: `rows` by kind and a `summary`; nothing where it wrote nothing.

    Raises:
        InputError: The file is something else.
    """
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_text())
        made = [own for kind, own in record["rows"].items() if kind != "source"]  # whose rows bear a conversion's name
        conversion_table(record["summary"])
        rows = {row["name"]: row for own in made for row in own}
        return {"rows": rows, "summary": record["summary"], "judge": record.get("judge")}
    except (ValueError, LookupError, TypeError, AttributeError):
        raise InputError(f"{path}: is not what vcdisent evaluate conversion writes; move it or make it again") from None


def figures(scores: Mapping, name: str) -> dict[str, float]:
    """The figures of one conversion that the page shows, by what the table calls them."""
    row = scores.get("rows", {}).get(name, {})
    return {COLUMNS[key][0]: COLUMNS[key][1] * row[key] for key in SHOWN if row.get(key) is not None}
