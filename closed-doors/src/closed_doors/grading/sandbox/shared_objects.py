"""Which shared libraries a program or an extension module asks for, and where this machine has them."""

import mmap
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian: nothing else is graded on
_SEGMENT = struct.Struct("<IIQQQQQQ")
_ENTRY = struct.Struct("<QQ")
_LOADED, _DYNAMIC, _LOADER = 1, 2, 3
_NEEDED, _NAMES = 1, 5
_LISTING = ("/sbin/ldconfig", "/usr/sbin/ldconfig")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a file asks for.

    Attributes:
        libraries: names of shared libraries.
        loader: the path of the program that loads it; empty for a library.
        machine: the architecture's number; 0 for what is no such file.
    """

    libraries: tuple[str, ...] = ()
    loader: str = ""
    machine: int = 0


def needs(path: Path) -> Needs:
    """Read what a file asks for: nothing, where it is no shared object."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return Needs()
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
            return _read(data)


def _read(data: mmap.mmap) -> Needs:
    (machine,) = struct.unpack_from("<H", data, 18)
    (offset,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [_SEGMENT.unpack_from(data, offset + number * size) for number in range(count)]
    loader, libraries = "", tuple[str, ...]()
    for kind, _, start, _, _, length, *_ in segments:
        if kind == _LOADER:
            loader = data[start : start + length].rstrip(b"\0").decode()
        elif kind == _DYNAMIC:
            libraries = _libraries(data, start, length, segments)
    return Needs(libraries, loader, machine)


def _libraries(data: mmap.mmap, start: int, length: int, segments: list[tuple[int, ...]]) -> tuple[str, ...]:
    entries = list(_ENTRY.iter_unpack(data[start : start + length - length % _ENTRY.size]))
    names = next((value for tag, value in entries if tag == _NAMES), 0)
    for kind, _, in_file, address, _, size, *_ in segments:
        if kind == _LOADED and address <= names < address + size:
            names += in_file - address
            break
    found = (names + value for tag, value in entries if tag == _NEEDED)
    return tuple(data[place : data.find(b"\0", place)].decode() for place in found)


def on_this_machine() -> dict[str, list[Path]]:
    """Return the shared libraries that the machine's loader knows, by name."""
    known: dict[str, list[Path]] = {}
    for program in filter(lambda path: Path(path).exists(), _LISTING):
        said = subprocess.run([program, "-p"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        for line in said.splitlines():
            name, arrow, path = line.strip().partition(" => ")
            if arrow:
                known.setdefault(name.split(" ")[0], []).append(Path(path))
        break
    return known


def closure(files: Iterable[Path], beside: Path) -> dict[str, Path]:
    """Return all libraries that files ask for and these in turn, by name, as far as they are the machine's.

    Args:
        files: programs and extension modules.
        beside: a folder that is looked into first.
    """
    known, found = on_this_machine(), dict[str, Path]()
    todo = [needs(path) for path in files]
    while todo:
        asked = todo.pop()
        for name in asked.libraries:
            if name in found:
                continue
            for place in (beside / name, *known.get(name, ())):
                if place.exists() and (further := needs(place)).machine == asked.machine:
                    found[name] = place
                    todo.append(further)
                    break
    return found
