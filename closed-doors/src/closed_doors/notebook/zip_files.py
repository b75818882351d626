"""Zip archives that anybody may have made, read into memory within limits and never unpacked on disk."""

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

RATIO, RATIO_FROM_MIB = 300, 1
DEPTH = 8
LONGEST_NAME = 250  # bytes; file systems take 255
JUNK = ("__MACOSX", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini")
INNER_FILES, INNER_MIB, DIRECTORY_MIB = 200, 100, 4
_END, _END_64, _END_BYTES = b"PK\x05\x06", b"PK\x06\x07", 1 << 16
# What zipfile raises on an archive that was made to be odd.
BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    ValueError,
)


class Refusal(Enum):
    """Why a file of an archive is not taken."""

    NAMELESS = "it has no name"
    LINK = "it is a link or a device, not a file"
    OUTSIDE = "its path leads out of the archive"
    NO_PATH = "its path is not one"
    CONTROL = "its name holds control characters"
    DEEP = f"it lies more than {DEPTH} folders deep"
    LONG_NAME = "its name is too long"
    ENCRYPTED = "it is encrypted"
    DAMAGED = "it is damaged"
    LARGE = "it is too large"
    RATIO = f"it unpacks to more than {RATIO} times its size"
    MANY = f"{INNER_FILES} files of an archive are taken"


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """A file of an archive: its path and its content."""

    path: tuple[str, ...]
    data: bytes


def entry_path(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return an entry's path; a name that is not marked as UTF-8 and yet is, is read as UTF-8."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except ValueError:
            name = entry.filename
    return tuple(unicodedata.normalize("NFC", name).replace("\\", "/").split("/"))


def is_left_out_silently(path: tuple[str, ...]) -> bool:
    """Whether an entry is a folder, or what systems leave behind by themselves."""
    return (len(path) > 1 and path[-1] == "") or any(part in JUNK for part in path)


def refusal(entry: zipfile.ZipInfo, path: tuple[str, ...]) -> Refusal | None:
    """Return why an entry can't be taken by what its name and its kind say."""
    checks = (
        (Refusal.NAMELESS, path == ("",)),
        (Refusal.LINK, stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG)),
        (Refusal.OUTSIDE, path[0] == "" or ".." in path or bool(re.fullmatch(r"[A-Za-z]:", path[0]))),
        (Refusal.NO_PATH, any(part in ("", ".") for part in path)),
        (Refusal.CONTROL, any(unicodedata.category(letter) in ("Cc", "Cs") for part in path for letter in part)),
        (Refusal.DEEP, len(path) > DEPTH),
        (Refusal.LONG_NAME, any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in path)),
    )
    return next((reason for reason, applies in checks if applies), None)


def read_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes | Refusal:
    """Return an entry's content, or why it is not taken; no more than the limit is unpacked."""
    try:
        with opened.open(entry) as stream:
            data = stream.read(limit + 1)
    except BROKEN:
        return Refusal.DAMAGED
    except RuntimeError:
        return Refusal.ENCRYPTED
    except OSError:
        return Refusal.DAMAGED
    if len(data) > limit:
        return Refusal.LARGE
    if len(data) > RATIO_FROM_MIB << 20 and len(data) > RATIO * max(entry.compress_size, 1):
        return Refusal.RATIO
    return data


def files_in(data: bytes, room: int = INNER_MIB << 20) -> Iterator[ZippedFile | tuple[tuple[str, ...], Refusal]]:
    """Yield the files of an archive that a student handed in, and why others are not taken; archives in it stay shut.

    Args:
        data: the archive.
        room: how many bytes its files may have together.
    """
    if not _has_a_small_directory(data):
        yield (), Refusal.DAMAGED
        return
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN:
        yield (), Refusal.DAMAGED
        return
    with opened:
        taken = 0
        for entry in opened.infolist():
            path = entry_path(entry)
            if is_left_out_silently(path):
                continue
            taken += 1
            if taken > INNER_FILES:
                yield (), Refusal.MANY
                return
            content = refusal(entry, path) or read_entry(opened, entry, room)
            if isinstance(content, Refusal):
                yield path, content
            else:
                room -= len(content)
                yield ZippedFile(path, content)


def _has_a_small_directory(data: bytes) -> bool:
    """Whether an archive's list of files is small: it is read whole, and each line of it takes ten times its size."""
    tail = data[-_END_BYTES - 100 :]
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 16 or _END_64 in tail:
        return False
    (size,) = struct.unpack_from("<L", tail, at + 12)
    return bool(size <= DIRECTORY_MIB << 20)
