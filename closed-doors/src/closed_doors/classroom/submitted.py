"""What was handed in: read from submitted/ as files that anybody may have written."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from closed_doors.classroom.grade_submission import Assignment, Submission
from closed_doors.core.errors import LayoutError, SubmissionError
from closed_doors.grading.verdict.remark import Remark, RemarkCode, refusal
from closed_doors.nbgrader.settings import Settings
from closed_doors.nbgrader.source_folder import known_wrong, materials
from closed_doors.notebook.ingest import read_bytes

EXCHANGE_NOTE = "submission_secret.txt"


def read_assignment(settings: Settings, name: str) -> Assignment:
    """Read an assignment's masters and materials from source/.

    Raises:
        LayoutError: there is no notebook.
    """
    folder = settings.folder("source", ".", name)
    masters = sorted(folder.glob("*.ipynb"))
    if not masters:
        raise LayoutError(f"{folder} holds no notebook, and submissions are graded on it.")
    return Assignment(
        name,
        tuple((path.stem, path.read_bytes()) for path in masters),
        tuple((path.name, path.read_bytes()) for path in materials(masters[0])),
        settings.deadlines,
        tuple((path.stem, data) for path in masters if (data := known_wrong(settings.root, name, path.stem))),
        settings.language,
    )


def find_students(settings: Settings, assignment: str, wanted: tuple[str, ...] = ()) -> list[tuple[str, Path]]:
    """Return who has handed in the assignment, with the folder, or those of them that are wanted.

    Raises:
        LayoutError: nobody has, or a wanted student has not; the nearest name is offered.
    """
    found = list(settings.students(assignment))
    known = [student for student, _ in found]
    for student in wanted:
        if student not in known:
            near = get_close_matches(student, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise LayoutError(f"Student {student!r} has not handed in {assignment}.{hint}")
    if not found:
        place = settings.folder("submitted", "<student>", assignment)
        raise LayoutError(f"Nobody has handed in {assignment}: no folder {place}. Collect the work there first.")
    return [(student, folder) for student, folder in found if not wanted or student in wanted]


def read_work(settings: Settings, assignment: Assignment, student: str, folder: Path) -> Submission:
    """Read one student's notebooks; what can't be read is noted with the reason."""
    root = _all_submissions(settings, student, assignment.name)
    notebooks, refused = [], []
    for name, path in _files(assignment, folder):
        if path is None:
            continue
        try:
            notebooks.append((name, read_bytes(path, root)))
        except SubmissionError as error:
            refused.append((name, refusal(error)))
    if not notebooks and not refused:
        others = ", ".join(sorted(path.name for path in folder.glob("*.ipynb"))[:5])
        refused = [(name, _no_notebook(name, others)) for name, _ in assignment.masters]
    return Submission(student, tuple(notebooks), tuple(refused))


def _no_notebook(name: str, others: str) -> Remark:
    if others:
        return Remark(RemarkCode.OTHER_NOTEBOOKS, arguments={"notebook": name, "others": others})
    return Remark(RemarkCode.NO_NOTEBOOK, arguments={"notebook": name})


def read_secret(settings: Settings, assignment: str, student: str) -> bytes | None:
    """Return the secret that nbgrader's exchange put beside a submission; None where it came by another way.

    `nbgrader release_feedback` names a page by it, so that only its student finds it.
    """
    path = settings.folder("submitted", student, assignment) / EXCHANGE_NOTE
    try:
        return read_bytes(path, _all_submissions(settings, student, assignment))
    except SubmissionError:
        return None


def _all_submissions(settings: Settings, student: str, assignment: str) -> Path:
    """Return the folder of all submissions."""
    root = settings.folder("submitted", student, assignment)
    while root.parent != settings.root and root != root.parent:
        root = root.parent
    return root


def _files(assignment: Assignment, folder: Path) -> Iterator[tuple[str, Path | None]]:
    """Yield the file of each master; the only notebook of a folder is taken whatever its name."""
    names = [name for name, _ in assignment.masters]
    if len(names) == 1 and not _is_there(folder / f"{names[0]}.ipynb"):
        there = sorted(folder.glob("*.ipynb"))
        yield names[0], there[0] if len(there) == 1 else None
        return
    for name in names:
        path = folder / f"{name}.ipynb"
        yield name, path if _is_there(path) else None


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()
