"""vcdisent page: conversions to listen to, each beside its source and its target, with what the judges said."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from vcdisent import audio
from vcdisent.atomic import write_text
from vcdisent.commands.convert import read_list
from vcdisent.corpora.survey import list_skipped
from vcdisent.errors import InputError
from vcdisent.evaluation.listening_page import Sound, page, write_spectrogram
from vcdisent.evaluation.report import COLUMNS, conversion_table
from vcdisent.progress import progress

PAGE = "index.html"
SHOWN = ("similarity_target", "similarity_source", "distillmos", "dnsmos", "wer")


def make_page(list_file: Path, folders: Sequence[Path], out: Path) -> int:
    """Writes `out/index.html`, with all that it plays beside it; returns how many recordings were left out.

    Args:
        list_file: Lines `source target name`.
        folders: What vcdisent convert --list made of it, one a way of converting; each with what evaluate conversion
            wrote to `FOLDER.json`, if it did.
        out: Folder of the page.

    Raises:
        InputError: The list or scores cannot be read, or a folder lacks a conversion.
    """
    lines = read_list(list_file)
    for folder in folders:
        missing = [name for _, _, name in lines if not (folder / f"{name}.wav").is_file()]
        if missing:
            raise InputError(f"{folder}: has no {missing[0]}.wav; run vcdisent convert --list {list_file} -o {folder}")
    scores = {folder: read_scores(folder.with_name(f"{folder.name}.json")) for folder in folders}
    files: dict[Path, str] = {}
    skipped: list[str] = []
    for path in progress(sounds(lines, folders), unit="file"):
        try:
            files[path] = copied(path, out, f"{len(files):04d}-{path.stem}")
        except InputError as error:
            skipped.append(str(error))
    rows = {
        name: [Sound(files[source]), Sound(files[target])]
        + [Sound(files[made], figures(scores[folder], name)) for folder in folders for made in [folder / f"{name}.wav"]]
        for source, target, name in lines
        if {source, target, *(folder / f"{name}.wav" for folder in folders)} <= files.keys()
    }
    tables = [f"{folder.name}\n{conversion_table(own['summary'])}" for folder, own in scores.items() if own]
    columns = ["source", "target", *(folder.name for folder in folders)]
    write_text(out / PAGE, page(f"Conversions: {list_file.name}", columns, rows, "\n\n".join(tables)))
    print(out / PAGE)
    list_skipped(skipped)
    return len(skipped)


def sounds(lines: Sequence[tuple[Path, Path, str]], folders: Sequence[Path]) -> list[Path]:
    """Every recording that the page plays, once."""
    every = [path for source, target, name in lines for path in (source, target, *(f / f"{name}.wav" for f in folders))]
    return list(dict.fromkeys(every))


def copied(path: Path, out: Path, name: str) -> str:
    """Puts a recording and its spectrogram in the page's folder, in a format that browsers play.

    Raises:
        InputError: It cannot be read.
    """
    wav, rate = audio.read(path)
    audio.write(out / "sounds" / f"{name}.wav", wav, rate)
    write_spectrogram(wav, rate, out / "sounds" / f"{name}.png")
    return f"sounds/{name}"


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
        return {"rows": {row["name"]: row for own in made for row in own}, "summary": record["summary"]}
    except (ValueError, LookupError, TypeError, AttributeError):
        raise InputError(f"{path}: is not what vcdisent evaluate conversion writes; move it or make it again") from None


def figures(scores: Mapping, name: str) -> dict[str, float]:
    """The figures of one conversion that the page shows, by what the table calls them."""
    row = scores.get("rows", {}).get(name, {})
    return {COLUMNS[key][0]: COLUMNS[key][1] * row[key] for key in SHOWN if row.get(key) is not None}
