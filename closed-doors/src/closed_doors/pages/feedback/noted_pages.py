"""What each feedback page was made of, as a hash: feedback/<assignment>.pages.json and lines in ….pages.jsonl.

So it can be said whose page is out of date without making them all. A class's pages are noted in the first file, a few
as lines added to the second, so that a server does not write a class's notes for each page; the last line counts.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from closed_doors.core.files import replace
from closed_doors.core.ownership import give_to_folder, make_folder
from closed_doors.nbgrader.settings import Settings

SUFFIX = ".pages.json"
LINES = ".jsonl"
FEW = 8


def note_pages(settings: Settings, assignment: str, made: Mapping[str, str]) -> None:
    """Note what pages were made of; what is noted of others stays.

    Raises:
        OSError: the file can't be written.
    """
    path = _path(settings, assignment)
    lines = path.with_suffix(LINES)
    if len(made) <= FEW:
        _add(lines, made)
        return
    known = noted_pages(settings, assignment)
    if (merged := {**known, **made}) != known:
        text = json.dumps(dict(sorted(merged.items())), ensure_ascii=False, indent=0)
        replace(path, text.encode("utf-8", "replace"))
    lines.unlink(missing_ok=True)


def noted_pages(settings: Settings, assignment: str) -> dict[str, str]:
    """Return what was noted, by student and notebook; nothing where there is no such file, or it is damaged."""
    path = _path(settings, assignment)
    found = _read(path.read_bytes()) if path.is_file() else {}
    lines = path.with_suffix(LINES)
    for line in lines.read_bytes().splitlines() if lines.is_file() else ():
        found |= _read(line)
    return found


def _read(data: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(data, type=dict[str, str])
    except msgspec.DecodeError:  # damaged, or half written
        return {}


def _add(path: Path, made: Mapping[str, str]) -> None:
    """Add a line, which begins anew behind one that a killed program has left half written."""
    make_folder(path.parent)
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(b"\n" + msgspec.json.encode(dict(made)))
    if is_new:
        give_to_folder(path, shared=True)


def _path(settings: Settings, assignment: str) -> Path:
    return settings.root / "feedback" / f"{assignment}{SUFFIX}"
