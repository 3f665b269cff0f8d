"""vcdisent embed: recordings to codes, as one npz or as Kaldi archives."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vcdisent import loading
from vcdisent.atomic import whole_file
from vcdisent.conversion.converter import Codes, Converter
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.features.recording import Recording
from vcdisent.progress import progress

Source = Path | Utterance


def embed(source: Path, out: Path, model: Path | None, dynamic: bool, allow_pipes: bool, device: str) -> int:
    """Writes the codes of a recording, a folder or a data dir; returns how many recordings were left out."""
    if out.suffix not in (".npz", ".ark"):
        raise InputError(f"{out}: end the name in .npz, or in .ark for Kaldi archives")
    converter = loading.load(model, device)
    skipped: list[str] = []
    codes = dict(coded(converter, recordings(source, allow_pipes), skipped))
    if not codes and not source.is_dir():
        raise InputError(skipped[0])
    if not codes:
        tried = counted(len(skipped), "recording")
        raise InputError(f"{source}: not one of {tried} could be used; the first: {skipped[0]}")
    if dynamic and next(iter(codes.values())).dynamic is None:
        raise InputError(f"{out}: a speaker network has no dynamic code; leave out --dynamic, or give another --model")
    if out.suffix == ".npz":
        write_npz(out, codes, converter.model.static_centre.cpu().numpy(), dynamic)
    else:
        write_ark(out, codes, dynamic)
    list_skipped(skipped)
    print(f"{out}: {counted(len(codes), 'recording')}")
    return len(skipped)


def recordings(source: Path, allow_pipes: bool) -> list[tuple[str, Source]]:
    """Names and recordings of a file, of a folder at any depth, or of a data dir.

    Raises:
        InputError: There are none.
    """
    if (source / "wav.scp").exists():
        return [(utterance.id, utterance) for utterance in read_data_dir(source, allow_pipes, check_sources=False)]
    return [(name, path) for name, path in files_below(source)]


def files_below(source: Path) -> list[tuple[str, Path]]:
    """A file, or those of a folder at any depth that are named like recordings, each by its name without the suffix.

    Those that differ in nothing but the suffix keep it, and one whose name without it is that of another.

    Raises:
        InputError: There are none.
    """
    from vcdisent.corpora.folder import is_recording

    if not source.is_dir():
        return [(source.stem, source)]
    found = sorted(path for path in source.rglob("*") if is_recording(path))
    if not found:
        raise InputError(f"{source}: holds no recordings; give one, or a folder of some (wav, flac, mp3, ogg, ...)")
    count = Counter(name for path in found for name in {path, path.with_suffix("")})
    names = (path if count[path.with_suffix("")] > 1 else path.with_suffix("") for path in found)
    return [(str(name.relative_to(source)), path) for name, path in zip(names, found, strict=True)]


def coded(converter: Converter, named: list[tuple[str, Source]], skipped: list[str]) -> Iterator[tuple[str, Codes]]:
    """Codes by name; a recording that cannot be used is put on the list and left out."""
    for name, source in progress(named, unit="file", disable=len(named) == 1):
        try:
            yield name, converter.embed(recording(source, converter.sample_rate))
        except InputError as error:
            skipped.append(str(error))


def recording(source: Source, sample_rate: int) -> Recording:
    """A file, to be read block by block, or what a shell command gives, at `sample_rate`."""
    if isinstance(source, Path):
        return source
    return source.read(sample_rate)[0] if source.is_pipe else source.source


def frame_codes(codes: dict[str, Codes]) -> dict[str, np.ndarray]:
    """The dynamic codes (T, D) by name."""
    return {name: c.dynamic for name, c in codes.items() if c.dynamic is not None}


def write_npz(path: Path, codes: dict[str, Codes], static_centre: np.ndarray, dynamic: bool) -> None:
    """`ids` (U,), `static` (U, S), and `static_centre` (S,), to be taken off before cosines.

    With `dynamic` also `dynamic`, all frames end to end (N, D), and `num_frames` (U,).
    """
    static = np.stack([c.static for c in codes.values()])
    arrays = {"ids": np.array(list(codes)), "static": static, "static_centre": static_centre}
    if dynamic:
        frames = frame_codes(codes).values()
        arrays |= {"dynamic": np.concatenate(list(frames)), "num_frames": np.array([len(code) for code in frames])}
    with whole_file(path) as partial:
        np.savez(partial, allow_pickle=False, **arrays)


def write_ark(path: Path, codes: dict[str, Codes], dynamic: bool) -> None:
    """A Kaldi archive of static vectors with its scp; with `dynamic`, another of frames, `NAME.dynamic.ark`."""
    write_archive(path, {name: c.static for name, c in codes.items()})
    if dynamic:
        write_archive(path.with_suffix(".dynamic.ark"), frame_codes(codes))


def write_archive(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """One archive and its scp. Kaldi's names have no spaces: they become underscores."""
    import kaldiio

    arrays = {name.replace(" ", "_"): array for name, array in arrays.items()}
    with whole_file(path.with_suffix(".scp")) as scp, whole_file(path) as ark:
        kaldiio.save_ark(str(ark), arrays, scp=str(scp))
        scp.write_text(scp.read_text().replace(str(ark), str(path)))
