"""What the header of a recording promises, held against what the file has.

libsndfile reads a file that was cut short as if it had been meant that short, so the promise is looked up here.
SPHERE: the NIST SPeech HEader REsources, whose headers are lines of ASCII text; Ogg: RFC 3533; for the others see
`audio_extent`.
"""

import io
import struct
from typing import BinaryIO

from vcdisent.audio_extent import RIFF, STREAMING_BYTES, UNKNOWN_BYTES, find_chunk, find_extent
from vcdisent.errors import InputError

OGG_TAIL_BYTES = 1 << 17  # a page has at most 65,307 bytes, so the last one starts in here


def checked(stream: BinaryIO, name: str) -> BinaryIO:
    """Return a stream, at its start, whose header can be believed.

    It is `stream` itself, save for a RIFF file whose size was never filled in: that one comes back as a copy in memory.

    Args:
        stream: a seekable binary stream holding one recording.
        name: how to call it in an error.

    Raises:
        InputError: it is empty, Shorten-coded, or shorter than its header says.
    """
    size = stream.seek(0, io.SEEK_END)
    if size == 0:
        raise InputError(f"{name}: is empty (0 bytes), where a recording is expected")
    stream.seek(0)
    head = stream.read(16)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        stream = _check_riff(stream, size, name)
    elif head.startswith(b"NIST_1A"):
        _check_sphere(stream, size, name)
    elif head.startswith(b"OggS"):
        _check_ogg(stream, size, name)
    elif len(head) == 16:
        _check_extent(stream, head, size, name)
    stream.seek(0)
    return stream


def truncated(name: str, promised: str, found: str) -> InputError:
    """The error for a recording that was cut short."""
    return InputError(f"{name}: is truncated: its header promises {promised}, the file has {found}: copy it again")


def _check_riff(stream: BinaryIO, size: int, name: str) -> BinaryIO:
    found = find_chunk(stream, size, RIFF)
    if found is None:
        return stream
    start, promised = found
    if promised == 0 and size > start:
        stream.seek(0)
        data = bytearray(stream.read())
        struct.pack_into("<I", data, start - 4, UNKNOWN_BYTES)
        return io.BytesIO(data)
    if start + promised > size and promised < STREAMING_BYTES:
        raise truncated(name, f"{promised} bytes of samples", str(size - start))
    return stream


def _check_extent(stream: BinaryIO, head: bytes, size: int, name: str) -> None:
    extent = find_extent(stream, head, size)
    if extent and extent.start + extent.promised > size:
        raise truncated(name, f"{extent.promised} bytes of samples", str(max(size - extent.start, 0)))


def _check_sphere(stream: BinaryIO, size: int, name: str) -> None:
    fields, start = _read_sphere_header(stream)
    if "shorten" in fields.get("sample_coding", ""):
        raise InputError(f"{name}: is Shorten-coded SPHERE: decompress it with sph2pipe (sph2pipe -f wav IN OUT)")
    try:
        bytes_per_frame = int(fields.get("sample_n_bytes", 2)) * int(fields.get("channel_count", 1))
        promised = int(fields["sample_count"]) * bytes_per_frame
    except (KeyError, ValueError):
        return
    if start + promised > size:
        raise truncated(name, f"{promised} bytes of samples", str(max(size - start, 0)))


def _read_sphere_header(stream: BinaryIO) -> tuple[dict[str, str], int]:
    """The fields of a SPHERE header and its size in bytes."""
    stream.seek(8)
    digits = stream.read(8).strip()
    num_bytes = int(digits) if digits.isdigit() else 1024
    stream.seek(16)
    lines = stream.read(num_bytes - 16).decode("ascii", "replace").splitlines()
    entries = (line.split(maxsplit=2) for line in lines)
    return {entry[0]: entry[2] for entry in entries if len(entry) == 3}, num_bytes


def _check_ogg(stream: BinaryIO, size: int, name: str) -> None:
    start = max(size - OGG_TAIL_BYTES, 0)
    stream.seek(start)
    tail = stream.read()
    page = tail.rfind(b"OggS")
    num_segments = tail[page + 26] if page >= 0 and len(tail) >= page + 27 else 0
    end = page + 27 + num_segments + sum(tail[page + 27 : page + 27 + num_segments])
    if page < 0 or end > len(tail):
        raise truncated(name, f"a last page up to byte {start + max(end, 0)}", f"{size} bytes")
