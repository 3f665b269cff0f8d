"""MUG (Aifanti, Papachristou and Delopoulos, WIAMIS 2010): faces of subjects who show six expressions.

`subjects3/<NNN>/[session<N>/]<expression>/take<NNN>/img_<NNNN>.jpg`, at any depth; neutral takes are dropped. A clip is
15 frames, evenly spaced over all of a take, cropped to the face and brought to 64x64.
"""

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from vcdisent import video
from vcdisent.atomic import whole_file
from vcdisent.corpora.face import find_face
from vcdisent.corpora.survey import list_skipped, usable, write_clips
from vcdisent.corpora.videodir import Clip
from vcdisent.errors import InputError
from vcdisent.progress import progress

EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
TREE = re.compile(rf"(?:.*/)?(\d+)/(?:session(\d+)/)?({'|'.join(EXPRESSIONS)})/take(\d+)", re.IGNORECASE)
IMAGE = re.compile(r"img_\d+\.jpe?g", re.IGNORECASE)
SIZE, NUM_FRAMES = 64, 15
MOST_CLIPS = 4
"""Of one take: each has other frames of it. Only training sees more than the first of them."""

SPLIT_SEED, MIN_SUBJECTS = 0, 6
"""Two subjects at least for each of train, dev and test: fewer give no pairs of two subjects."""


class Take(NamedTuple):
    """A recording: the folder with its images, and what they show."""

    subject: str
    expression: str
    session: str  # empty where the tree has none
    number: str
    folder: Path

    @property
    def name(self) -> str:
        """What its clips are called; begins with the subject."""
        session = f"-s{self.session}" if self.session else ""
        return f"{self.subject}-{self.expression}{session}-t{self.number}"


def prepare(
    root: str | Path, out: str | Path, skipped: list[str] | None = None, *, num_jobs: int = 1
) -> dict[str, list[Clip]]:
    """Make data dirs of MUG: `train`, `dev` and `test`, which have no subject in common, and `judge`.

    A judge of identity must know the subjects of `test`, from other takes than those: `judge` has train, dev and every
    second take of each expression of the subjects of test, which `test` lacks. Subjects of test with a single take are
    left out.

    Args:
        root: a folder that holds the tree, at any depth.
        out: gets the data dirs and their `frames`.
        skipped: gets a line about each take that is left out.
        num_jobs: workers.

    Returns:
        The clips of each data dir, with the labels `identity` (the subject) and `expression`.

    Raises:
        InputError: there is no MUG in `root`, fewer than 6 subjects, or OpenCV is not installed.
    """
    root, out, skipped = Path(root), Path(out), [] if skipped is None else skipped
    takes = find(root)
    if not takes:
        raise InputError(
            f"{root}: no MUG found (subjects3/001/anger/take000/img_0000.jpg): give the folder of its tree"
        )
    jobs = (delayed(_attempt)(take, out / "frames") for take in takes)
    attempts = Parallel(n_jobs=num_jobs, return_as="generator")(jobs)
    made = usable(root, progress(attempts, total=len(takes), unit="take", desc=str(out)), _unwrap, skipped)
    written = {name: write_clips(out / name, clips) for name, clips in split(root, made, skipped).items()}
    list_skipped(skipped)
    return written


def find(root: Path) -> list[Take]:
    """All takes below a folder but neutral ones, sorted by subject, expression, session and number."""
    root = root.resolve()
    takes = []
    for folder in root.rglob("*"):
        match = TREE.fullmatch(folder.relative_to(root.parent).as_posix())
        if match and folder.is_dir():
            subject, session, expression, number = match.groups(default="")
            takes.append(Take(subject, expression.lower(), session, number, folder))
    return sorted(takes)


def split(root: Path, takes: list[list[Clip]], skipped: list[str]) -> dict[str, list[Clip]]:
    """The clips of each data dir, of the clips of each take, in order.

    Raises:
        InputError: there are too few subjects.
    """
    subjects = sorted({clips[0].identity for clips in takes})
    if len(subjects) < MIN_SUBJECTS:
        raise InputError(f"{root}: has takes of {len(subjects)} subjects, too few to split: {MIN_SUBJECTS} are needed")
    shuffled = [subjects[i] for i in np.random.default_rng(SPLIT_SEED).permutation(len(subjects))]
    num_test, num_dev = max(2, len(subjects) // 4), max(2, len(subjects) // 12)
    test, dev, train = shuffled[:num_test], shuffled[num_test : num_test + num_dev], shuffled[num_test + num_dev :]
    of_subject = partial(_of_subjects, takes)
    tested, known = [], []
    for number, subject in enumerate(test):
        halves = _halves(of_subject([subject]), number)
        if all(halves):
            tested += halves[0]
            known += halves[1]
        else:
            skipped.append(f"{root}: subject {subject} has one take, where test and its judge need one each")
    return {
        "train": _all(of_subject(train)),
        "dev": [clips[0] for clips in of_subject(dev)],
        "test": [clips[0] for clips in tested],
        "judge": _all([*of_subject(train), *of_subject(dev), *known]),
    }


def _halves(takes: list[list[Clip]], number: int) -> tuple[list[list[Clip]], list[list[Clip]]]:
    """Every second take of each expression of the `number`th subject, and the others.

    Of an odd number one half gets one more: another half for the next expression, and for the next subject, so that no
    expression is rarer than another in either.
    """
    halves: tuple[list[list[Clip]], list[list[Clip]]] = ([], [])
    for turn, expression in enumerate(EXPRESSIONS):
        own = [clips for clips in takes if clips[0].labels["expression"] == expression]
        first = (turn + number) % 2
        halves[first].extend(own[::2])
        halves[1 - first].extend(own[1::2])
    return halves


def crop_take(take: Take) -> np.ndarray:
    """The clips of a take, uint8 (N, 15, 64, 64, 3), of frames that interlace: each spans the take.

    Raises:
        InputError: it has too few images, one of them does not decode, or no face is found.
    """
    paths = sorted((path for path in take.folder.iterdir() if IMAGE.fullmatch(path.name)), key=video.natural)
    num_clips = min(len(paths) // NUM_FRAMES, MOST_CLIPS)
    if not num_clips:
        raise InputError(f"{take.folder}: has {len(paths)} images (img_NNNN.jpg), where {NUM_FRAMES} are needed")
    box = find_face(take.folder, [video.read_image(path) for path in (paths[0], paths[len(paths) // 2], paths[-1])])
    step = len(paths) / NUM_FRAMES
    chosen = [[int((frame + clip / num_clips) * step) for frame in range(NUM_FRAMES)] for clip in range(num_clips)]
    return np.stack([np.stack([_crop(paths[number], box) for number in own]) for own in chosen])


def _crop(path: Path, box: tuple[int, int, int, int]) -> np.ndarray:
    from PIL import Image

    image = Image.fromarray(video.read_image(path))
    left, top, right, bottom = box
    if image.width < right or image.height < bottom:
        raise InputError(
            f"{path}: is {image.width}x{image.height}, smaller than others of its take: leave the take out"
        )
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.LANCZOS, (left, top, right, bottom)))


def _attempt(take: Take, folder: Path) -> list[Clip] | InputError:
    """The clips of a take, written into one array; or what is wrong with it."""
    try:
        clips = crop_take(take)
    except InputError as error:
        return error
    path = folder / f"{take.name}.npy"
    with whole_file(path) as unfinished:
        np.save(unfinished, clips)
    labels = {"identity": take.subject, "expression": take.expression}
    return [Clip(f"{take.name}-{row}", take.subject, f"{path}[{row}]", labels) for row in range(len(clips))]


def _unwrap(attempt: list[Clip] | InputError) -> list[Clip]:
    if isinstance(attempt, InputError):
        raise attempt
    return attempt


def _of_subjects(takes: list[list[Clip]], subjects: list[str]) -> list[list[Clip]]:
    return [clips for clips in takes if clips[0].identity in subjects]


def _all(takes: Iterable[list[Clip]]) -> list[Clip]:
    return [clip for clips in takes for clip in clips]
