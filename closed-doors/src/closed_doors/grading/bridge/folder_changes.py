"""The files of a folder, and what has changed of them: as data that crosses, bounded in number, size and depth."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from closed_doors.grading.protocol.messages import FileContent

MOST_FILES = 200
MOST_BYTES = 8 << 20  # of one message
DEEPEST = 6
_LEFT_OUT = ("__pycache__",)
Seen = dict[str, tuple[int, int, int]]


def files_in(folder: Path) -> Seen:
    """Return a folder's own files and folders by path, with what tells whether they are still the same."""
    found: Seen = {}
    with contextlib.suppress(OSError):
        device = folder.stat().st_dev
        for entry in _entries(folder, DEEPEST):
            if len(found) >= MOST_FILES:
                break
            with contextlib.suppress(OSError):
                known = entry.stat(follow_symlinks=False)
                if known.st_dev == device and S_ISREG(known.st_mode):  # what was handed out is mounted
                    found[_under(folder, entry)] = known.st_mtime_ns, known.st_size, known.st_ino
                elif known.st_dev == device and S_ISDIR(known.st_mode):
                    found[_under(folder, entry)] = 0, -1, 0
    return found


def changes_in(folder: Path, before: Mapping[str, object], now: Seen) -> list[FileContent]:
    """Return what has been written, made and removed in a folder since it was looked at.

    Args:
        folder: where.
        before: what was there then.
        now: what is there; of files that have changed, the times that they are given are noted in it.
    """
    found = [FileContent(path) for path in before if path not in now]
    room = MOST_BYTES
    for path, known in now.items():
        if before.get(path) == known:
            continue
        if known[1] < 0:
            found.append(FileContent(path, folder=True))
        elif known[1] <= room:
            with contextlib.suppress(OSError):
                data = _read(folder / path, room)
                room -= len(data)
                found.append(FileContent(path, data))
                now[path] = _set_back(folder / path, known[0]), *known[1:]
    return found


def put(folder: Path, content: FileContent) -> None:
    """Write, make or remove one file or folder.

    Raises:
        OSError: it can't be done.
    """
    path = folder / content.path
    if content.folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    if content.data is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.data)
        _set_back(path, path.stat().st_mtime_ns)


def _entries(folder: Path, deepest: int) -> Iterator["os.DirEntry[str]"]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _LEFT_OUT:
                continue
            yield entry
            if deepest and entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path), deepest - 1)


def _under(folder: Path, entry: "os.DirEntry[str]") -> str:
    return Path(entry.path).relative_to(folder).as_posix()


def _set_back(path: Path, written_ns: int) -> int:
    """Set a file's time back by the least there is, and return it: another write in the same tick shows then."""
    os.utime(path, ns=(written_ns - 1, written_ns - 1), follow_symlinks=False)
    return written_ns - 1


def _read(path: Path, most: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)
