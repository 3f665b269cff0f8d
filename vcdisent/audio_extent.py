"""How many bytes of samples the header of a recording promises, container by container.

RIFF: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991); AIFF: Apple (1989); CAF:
Apple's Core Audio Format; W64: Sony's Wave64; RF64: EBU Tech 3306; AU: Sun's audio file header; MP3: the Xing header
that encoders put into the first frame.
"""

import struct
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, NamedTuple

UNKNOWN_BYTES = 0xFFFFFFFF
UNKNOWN_WIDE = 1 << 62
STREAMING_BYTES = 0x7FFFF000
"""Programs that write to a pipe do not know the size yet; sox writes this and up, ffmpeg 0xFFFFFFFF, others 0."""
W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
XING_IN = 64  # bytes of a frame; side information before the Xing header has at most 32
HAS_FRAMES, HAS_BYTES = 1, 2


class Extent(NamedTuple):
    """The samples of a recording: the byte that they start at, and how many are promised."""

    start: int
    promised: int


class Chunks(NamedTuple):
    """How a container keeps its chunks: name and size, the first one's place, the name of the samples'."""

    header: struct.Struct
    first: int
    samples: bytes
    align: int = 2
    counts_header: bool = False


RIFF = Chunks(struct.Struct("<4sI"), 12, b"data")
AIFF = Chunks(struct.Struct(">4sI"), 12, b"SSND")
CAF = Chunks(struct.Struct(">4sq"), 8, b"data", align=1)
W64 = Chunks(struct.Struct("<16sQ"), 40, W64_DATA, align=8, counts_header=True)


def find_extent(stream: BinaryIO, head: bytes, size: int) -> Extent | None:
    """What the header of an AIFF, AU, CAF, W64, RF64 or MP3 file of `size` bytes promises.

    Args:
        stream: The file.
        head: Its first 16 bytes.
        size: Of the file.

    Returns:
        None where it promises nothing, or is of another kind.
    """
    extent, unknown = None, STREAMING_BYTES
    if head[:4] == b"FORM":
        extent = find_chunk(stream, size, AIFF)
    elif head[:4] == b".snd":
        extent = Extent(*struct.unpack(">II", head[4:12]))
    elif head[:3] == b"ID3" or (head[0] == 0xFF and head[1] >= 0xE0):
        extent = _find_mp3(stream, head)
    elif head[:4] in WIDE:
        extent, unknown = WIDE[head[:4]](stream, size), UNKNOWN_WIDE
    return extent if extent and 0 < extent.promised < unknown else None


def find_chunk(stream: BinaryIO, size: int, kind: Chunks) -> Extent | None:
    """The chunk with the samples; None where there is none."""
    position, length = kind.first, kind.header.size
    while position + length <= size:
        stream.seek(position)
        name, promised = kind.header.unpack(stream.read(length))
        promised -= length * kind.counts_header
        if name == kind.samples:
            return Extent(position + length, promised)
        position += length + max(promised, 0) + -promised % kind.align
    return None


def _find_rf64(stream: BinaryIO, size: int) -> Extent | None:
    """The chunk with the samples, whose size stands in the first chunk, `ds64`, where 32 bits are too few."""
    extent = find_chunk(stream, size, RIFF)
    if extent is None or extent.promised != UNKNOWN_BYTES:
        return extent
    stream.seek(28)
    (promised,) = struct.unpack("<Q", stream.read(8))
    return Extent(extent.start, promised)


def _find_mp3(stream: BinaryIO, head: bytes) -> Extent | None:
    """The frames after an ID3 tag, where a Xing header, which counts itself, says how many bytes they have."""
    start = 0
    if head[:3] == b"ID3":
        tag = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        start = 10 + tag + 10 * bool(head[5] & 0x10)
    stream.seek(start)
    frame = stream.read(XING_IN)
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or len(frame) < at + 16:
        return None
    flags, *numbers = struct.unpack(">III", frame[at + 4 : at + 16])
    if not flags & HAS_BYTES:
        return None
    return Extent(start, numbers[1] if flags & HAS_FRAMES else numbers[0])


WIDE: dict[bytes, Callable[[BinaryIO, int], Extent | None]] = {
    b"riff": partial(find_chunk, kind=W64),
    b"caff": partial(find_chunk, kind=CAF),
    b"RF64": _find_rf64,
}
"""Containers that give sizes in 64 bits, by their first four bytes."""
