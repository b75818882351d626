"""Where a person is named in a course's folder, besides the gradebook: found, given another id, or taken out.

What is made of the whole class (reports, files for Moodle, exported marks) is taken away in both cases: its command
makes it again.
"""

import glob
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from closed_doors.core.errors import CourseError
from closed_doors.core.ownership import make_folder
from closed_doors.grading.verdict.timings import rename_in_timings, timing_files
from closed_doors.grading.verdict.verdict_file import read_verdict, write_verdict
from closed_doors.moodle.remembered_imports import FOLDER, mentions, rename_in_store
from closed_doors.nbgrader.hand_in_queue import HAND_INS
from closed_doors.nbgrader.receipts import NAME, listed_students, rename_in_receipts
from closed_doors.nbgrader.settings import Settings

STEPS = ("submitted", "autograded", "feedback")
_OF_THE_CLASS = (
    "reports/*",
    f"{FOLDER}/*/notes-*.csv",
    f"{FOLDER}/*/retours-*.zip",
    "grades*.csv",
    "feedback/*.pages.json*",
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What the course's folder holds of one person.

    Attributes:
        folders: the person's own.
        lines: files that have lines about the person.
        of_the_class: what was made of the whole class, and may name the person.
    """

    folders: tuple[Path, ...]
    lines: tuple[Path, ...]
    of_the_class: tuple[Path, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is the person's own."""
        return not self.folders and not self.lines


def find_traces(settings: Settings, student: str) -> Traces:
    """Return where a person is named.

    Raises:
        CourseError: a file that may name people can't be read.
    """
    root = settings.root
    lines = [root / NAME] if student in listed_students(root) else []
    lines += [*timing_files(root, student), *mentions(root, student)]
    of_the_class = (path for pattern in _OF_THE_CLASS for path in sorted(root.glob(pattern)))
    return Traces(tuple(dict.fromkeys(_folders(settings, student))), tuple(lines), tuple(of_the_class))


def remove_traces(settings: Settings, student: str, traces: Traces) -> None:
    """Take all of it away.

    Raises:
        CourseError: something can't be removed; running it again goes on.
    """
    try:
        for path in (*traces.folders, *traces.of_the_class):
            _remove(path)
        _rename_lines(settings.root, student, None)
    except OSError as error:
        raise CourseError(
            f"{error.filename} can't be removed ({error.strerror}); mend that, then run it again."
        ) from error


def rename_traces(settings: Settings, student: str, new: str, traces: Traces) -> None:
    """Give the person another id in all of it.

    Raises:
        CourseError: something can't be renamed; running it again goes on.
    """
    try:
        for path in traces.folders:
            target = _renamed(settings.root, path, student, new)
            make_folder(target.parent)
            path.rename(target)
        _rename_in_verdicts(settings.root, new)
        for path in traces.of_the_class:
            _remove(path)
        _rename_lines(settings.root, student, new)
    except OSError as error:
        raise CourseError(
            f"{error.filename} can't be renamed ({error.strerror}); mend that, then run it again."
        ) from error


def _rename_lines(root: Path, student: str, new: str | None) -> None:
    rename_in_receipts(root, student, new)
    rename_in_timings(root, student, new)
    rename_in_store(root, student, new)


def _folders(settings: Settings, student: str) -> Iterator[Path]:
    """Yield a person's folders: all of a step's where nbgrader's folders are as usual, else one an assignment."""
    root = settings.root
    for step in STEPS:
        pattern = settings.folder(step, glob.escape(student), "*").relative_to(root)
        yield from _whole(root.glob(str(pattern)), student)
        above = settings.folder(step, student, "x").parent
        if above.name == student and above.is_dir():
            yield above
    served = sorted((root / HAND_INS).glob("*"))
    for folder in (root / "verdicts", *sorted((root / FOLDER).glob("*/earlier")), *served):
        if (folder / student).is_dir():
            yield folder / student


def _whole(folders: Iterable[Path], student: str) -> Iterator[Path]:
    return (path.parent if path.parent.name == student else path for path in folders)


def _renamed(root: Path, path: Path, student: str, new: str) -> Path:
    """Return where a folder goes that has the person's id among its parts, or within its name."""
    parts = path.relative_to(root).parts
    if student in parts:
        return root.joinpath(*(new if part == student else part for part in parts))
    return path.with_name(path.name.replace(student, new))


def _rename_in_verdicts(root: Path, new: str) -> None:
    """Let verdict files say whose they are now."""
    for path in sorted((root / "verdicts" / new).glob("*/*.json")):
        found = read_verdict(root, path.parent.name, new, path.stem)
        if found is not None and found.student != new:
            write_verdict(root, msgspec.structs.replace(found, student=new))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
