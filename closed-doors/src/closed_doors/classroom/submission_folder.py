"""The files of one student's folder in submitted/: which may be notebooks, and what else lies there."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from closed_doors.core.errors import SubmissionError
from closed_doors.core.wording import Wording
from closed_doors.grading.verdict.remark import Remark, refusal
from closed_doors.notebook.ingest import left_of, read_bytes, read_notebook
from closed_doors.notebook.which_notebook import HEAD, Candidate, begins_as_one, candidate, is_named_as_one
from closed_doors.notebook.zip_files import DEPTH, JUNK, ZippedFile, files_in

ARCHIVE = ".zip"
MOST_FILES = 1000
OURS = ("timestamp.txt", "submission_secret.txt")  # nbgrader's own


@dataclass(slots=True)
class HandedIn:
    """What lies in a student's folder; names are paths below it, those in an archive behind the archive's.

    Attributes:
        candidates: files that may be notebooks, without their saved outputs.
        unread: why a file can't be read, by its name.
        left_in_archives: files of archives that are not taken, each with the reason.
        others: all other files but the assignment's own.
    """

    candidates: list[Candidate] = field(default_factory=list)
    unread: dict[str, Remark] = field(default_factory=dict)
    left_in_archives: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def handed_in(folder: Path, root: Path, materials: Mapping[str, bytes], words: Wording) -> HandedIn:
    """Look through a student's folder, archives included.

    Args:
        folder: the folder.
        root: that of all submissions; no link below it is followed.
        materials: the files that the assignment hands out, by name.
        words: what is said of files in an archive that are left there.
    """
    there = HandedIn()
    if _leads_elsewhere(folder, root):
        return there
    for path in work_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            if path.name.casefold().endswith(ARCHIVE):
                _open(there, name, read_bytes(path, root), words)
            elif is_named_as_one(path.name) or _may_be_one(path):
                _sort(there, path.relative_to(folder).parts, read_notebook(path, root))
            elif materials.get(name) is None or _differs(path, materials[name]):
                there.others.append(name)
        except SubmissionError as error:
            there.unread[name] = refusal(error)
    return there


def _leads_elsewhere(folder: Path, root: Path) -> bool:
    """Whether a folder, or one above it, is a link."""
    return any(
        place.is_symlink() for place in (folder, *folder.parents) if place != root and place.is_relative_to(root)
    )


def work_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a student's work in order: neither hidden ones, nor nbgrader's own, nor what systems add."""
    count = 0
    for place, folders, names in os.walk(folder, followlinks=False):
        below = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if below < DEPTH and not _is_hidden(name))
        for name in sorted(names):
            if _is_hidden(name) or (below == 0 and name in OURS):
                continue
            count += 1
            if count > MOST_FILES:
                return
            yield Path(place, name)


def hidden_files(folder: Path) -> list[str]:
    """Return the files that are nobody's work as a rule: what Jupyter and systems keep, such as a checkpoint."""
    found: list[str] = []
    for place, folders, names in os.walk(folder, followlinks=False):
        below = Path(place).relative_to(folder)
        folders[:] = sorted(folders) if len(below.parts) < DEPTH else []
        is_hidden = any(map(_is_hidden, below.parts))
        found += [(below / name).as_posix() for name in sorted(names) if is_hidden or _is_hidden(name)]
        if len(found) > MOST_FILES:
            break
    return found


def names(found: Iterable[Candidate]) -> list[str]:
    """Return the names of files."""
    return [one.name for one in found]


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in JUNK


def _may_be_one(path: Path) -> bool:
    """Whether a file begins as a notebook does; what can't be opened here is told by `read_bytes`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        return begins_as_one(os.read(descriptor, HEAD))
    except OSError:
        return True
    finally:
        os.close(descriptor)


def _differs(path: Path, data: bytes) -> bool:
    return path.stat().st_size != len(data) or path.read_bytes() != data


def _sort(there: HandedIn, path: tuple[str, ...], data: bytes) -> None:
    found = candidate(path, data)
    if found is None:
        there.others.append("/".join(path))
    else:
        there.candidates.append(found)


def _open(there: HandedIn, name: str, data: bytes, words: Wording) -> None:
    """Take the files out of an archive; archives in it are only named."""
    for file in files_in(data):
        if not isinstance(file, ZippedFile):
            path, reason = file
            code = reason.name.lower()
            why = words.say(f"zipped.{code}")
            there.left_in_archives.append(f"{'/'.join((name, *path))} ({why})")
            continue
        path = (name, *file.path)
        if not (is_named_as_one(path[-1]) or begins_as_one(file.data)):
            there.others.append("/".join(path))
            continue
        try:
            _sort(there, path, left_of((file.data,), path[-1]))
        except SubmissionError as error:
            there.unread["/".join(path)] = refusal(error)
