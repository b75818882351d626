"""What was handed in: read from submitted/ as files that anybody may have written."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from closed_doors.classroom.grade_submission import Assignment, Submission
from closed_doors.classroom.handed_in_files import HandedIn, handed_in, listed
from closed_doors.core.errors import LayoutError, SubmissionError
from closed_doors.nbgrader.settings import Settings
from closed_doors.nbgrader.source_folder import known_wrong, materials
from closed_doors.notebook.candidates import Choice, choose, grade_ids
from closed_doors.notebook.delimiters import Delimiters
from closed_doors.notebook.ingest import read_bytes, read_notebook
from closed_doors.notebook.json_files import parse, serialise

EXCHANGE_NOTE = "submission_secret.txt"
NO_NOTEBOOK = "Le dossier rendu ne contient pas le notebook {name}.ipynb{found}."
IT_HOLDS = "\u00a0; il contient {}"
UNCLEAR = (
    "Plusieurs fichiers pourraient être le notebook {name}.ipynb\u00a0: {found}. Gardez celui qui compte sous ce nom."
)
TAKEN_AS = "Le fichier {found} est corrigé comme {name}.ipynb, à quoi ses cellules ou son nom le font reconnaître."
NOT_TAKEN = "D'autres fichiers sont le même notebook {name}.ipynb, et ne sont pas corrigés\u00a0: {found}."
STRAYS = "Des notebooks rendus ne sont pas de ce devoir, et ne sont pas corrigés\u00a0: {}."
OTHERS = "Des fichiers ont été rendus avec le notebook, et la correction ne s'en sert pas\u00a0: {}."
UNREAD = "Des fichiers rendus ne peuvent pas être lus\u00a0: {}."


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
        tuple((path.stem, _normalised(path, settings.delimiters)) for path in masters),
        tuple((path.name, path.read_bytes()) for path in materials(masters[0])),
        settings.deadlines,
        tuple((path.stem, data) for path in masters if (data := known_wrong(settings.root, name, path.stem))),
        settings.stubs,
    )


def _normalised(path: Path, delimiters: Delimiters) -> bytes:
    """Return a master, with nbgrader's markers where the course has its own."""
    data = path.read_bytes()
    return serialise(delimiters.normalised(parse(data))) if delimiters.own else data


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
    """Read one student's notebooks; what can't be read, and what is not used, is noted with the reason, in French."""
    root = _all_submissions(settings, student, assignment.name)
    masters = {name: grade_ids(data) for name, data in assignment.masters}
    there = handed_in(folder, root, dict(assignment.materials))
    choice = choose(masters, there.candidates)
    notebooks = tuple((name, choice.chosen[name].data) for name in masters if name in choice.chosen)
    refused = {name: UNCLEAR.format(name=name, found=listed(files)) for name, files in choice.unclear.items()}
    for name in masters.keys() - choice.chosen.keys() - refused.keys():
        if reason := there.unread.get(f"{name}.ipynb") or _obstacle(folder / f"{name}.ipynb", root):
            refused[name] = reason
    if not notebooks and not refused:
        found = [one.name for one in choice.strays] + there.others + list(there.unread)
        said = IT_HOLDS.format(listed(found)) if found else ""
        refused = {name: NO_NOTEBOOK.format(name=name, found=said) for name in masters}
    remarks = [*_remarks_on_notebooks(choice), *_remarks_on_files(choice, there, next(iter(masters)))]
    return Submission(student, notebooks, tuple(refused.items()), tuple(remarks))


def _obstacle(path: Path, root: Path) -> str:
    """Return why what has a notebook's name is no file to be read; an empty text where there is nothing."""
    if os.path.lexists(path):
        try:
            read_notebook(path, root)
        except SubmissionError as error:
            return str(error)
    return ""


def _remarks_on_notebooks(choice: Choice) -> Iterator[tuple[str, str]]:
    for name, chosen in choice.chosen.items():
        if chosen.path != (f"{name}.ipynb",):
            yield name, TAKEN_AS.format(name=name, found=listed([chosen.name]))
        if others := choice.others.get(name):
            yield name, NOT_TAKEN.format(name=name, found=listed(others))


def _remarks_on_files(choice: Choice, there: HandedIn, about: str) -> Iterator[tuple[str, str]]:
    if choice.chosen and choice.strays:
        yield about, STRAYS.format(listed(choice.strays))
    if choice.chosen and there.others:
        yield about, OTHERS.format(listed(there.others))
    unread = [f"{name} ({reason})" for name, reason in there.unread.items() if name.removesuffix(".ipynb") != about]
    if choice.chosen and unread:
        yield about, UNREAD.format(listed(unread))


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
