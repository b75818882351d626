"""What was handed in: read from submitted/ as files that anybody may have written."""

import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from closed_doors.classroom.fingerprint import imported_libraries
from closed_doors.classroom.grade_submission import Assignment, Submission, grader_of
from closed_doors.classroom.misplaced_work import misplaced_work
from closed_doors.classroom.submission_folder import HandedIn, handed_in, hidden_files, names
from closed_doors.core.declared_versions import require_declared
from closed_doors.core.errors import LayoutError, SubmissionError
from closed_doors.core.wording import wording
from closed_doors.grading.verdict.remark import Remark, RemarkCode, refusal
from closed_doors.nbgrader.generated_tests import with_generated_tests
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.header_footer import with_header_footer
from closed_doors.nbgrader.settings import Settings, inside_cells
from closed_doors.nbgrader.submission_paths import known_wrong
from closed_doors.notebook.ingest import parse_submission, read_bytes, read_notebook
from closed_doors.notebook.json_files import parse, serialise
from closed_doors.notebook.kernel import require_python
from closed_doors.notebook.rebuild import KnownMaster
from closed_doors.notebook.submission_findings import listed
from closed_doors.notebook.which_notebook import Candidate, Choice, choose, grade_ids

MOST_NAMED = 5
EXCHANGE_NOTE = "submission_secret.txt"


def read_assignment(settings: Settings, name: str) -> Assignment:
    """Read an assignment's masters and materials from source/.

    Raises:
        LayoutError: there is no notebook.
        MasterError: a notebook is written for a kernel that is not Python's.
        CourseError: what they may import can't be found out (see `handed_out`), or is not here as declared.
    """
    folder = settings.folder("source", ".", name)
    masters = sorted(folder.glob("*.ipynb"))
    if not masters:
        raise LayoutError(f"{folder} holds no notebook, and submissions are graded on it.")
    notebooks = tuple((path.stem, _read_master(path, settings)) for path in masters)
    files = handed_out(settings.root, name, settings.language)
    libraries = imported_libraries(notebooks, files)
    require_declared(settings.root, libraries)
    return Assignment(
        name,
        notebooks,
        files,
        settings.deadlines,
        tuple((path.stem, data) for path in masters if (data := known_wrong(settings.root, name, path.stem))),
        settings.stubs,
        libraries,
        settings.grade_the_rest,
        inside_cells(settings.root, name),
    )


def _read_master(path: Path, settings: Settings) -> bytes:
    """Return a master with generated tests, header and footer, and nbgrader's markers where the course has its own."""
    data = path.read_bytes()
    master = parse(data)
    tested = with_generated_tests(master, settings.db_url, path.parent.name, path.stem)
    whole = with_header_footer(tested, settings.config, settings.root)
    require_python(whole, path.name)
    own = whole is not master or settings.delimiters.own
    return serialise(settings.delimiters.normalised(whole)) if own else data


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
        elsewhere = "".join(f" {path}: {why}." for path, why in misplaced_work(settings, assignment)[:MOST_NAMED])
        raise LayoutError(
            f"Nobody has handed in {assignment}: no folder {place}. Collect the work there first.{elsewhere}"
        )
    return [(student, folder) for student, folder in found if not wanted or student in wanted]


def read_work(settings: Settings, assignment: Assignment, student: str, folder: Path) -> Submission:
    """Read one student's notebooks; what can't be read, and what is not used, is noted with the reason."""
    root = _all_submissions(settings, student, assignment.name)
    masters = {name: grade_ids(data) for name, data in assignment.masters}
    given = dict(assignment.files.materials + assignment.files.modules)
    there = handed_in(folder, root, given, wording(assignment.language))
    choice = choose(masters, there.candidates, _KnownMasters(assignment))
    notebooks = tuple((name, choice.chosen[name].data) for name in masters if name in choice.chosen)
    refused = {name: _several(name, files) for name, files in choice.unclear.items()}
    for name in masters.keys() - choice.chosen.keys() - refused.keys():
        if reason := there.unread.get(f"{name}.ipynb") or _obstacle(folder / f"{name}.ipynb", root):
            refused[name] = reason
    if not notebooks and not refused:
        found = [*names(choice.strays), *there.others, *there.unread, *there.left_in_archives] or hidden_files(folder)
        refused = {name: _no_notebook(name, found) for name in masters}
    remarks = [*_remarks_on_notebooks(choice), *_remarks_on_files(choice, there, next(iter(masters)))]
    return Submission(student, notebooks, tuple(refused.items()), tuple(remarks))


class _KnownMasters:
    """Reads files by the masters of an assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment

    def is_blank(self, name: str, file: Candidate) -> bool:
        """Whether a file is a notebook of the assignment as it was handed out."""
        try:
            return self._known(name).is_blank(parse_submission(file.data, file.name))
        except SubmissionError:
            return False

    def known_cells(self, name: str, file: Candidate) -> int:
        """Return how many cells of a notebook of the assignment are in a file, by what they say."""
        try:
            return len(self._known(name).known_by_content(parse_submission(file.data, file.name)))
        except SubmissionError:
            return 0

    def _known(self, name: str) -> KnownMaster:
        return grader_of(self._assignment, name).known_master


def _several(name: str, files: Sequence[Candidate]) -> Remark:
    return Remark(RemarkCode.SEVERAL_NOTEBOOKS, arguments={"notebook": name, "files": listed(names(files))})


def _no_notebook(name: str, found: list[str]) -> Remark:
    if found:
        return Remark(RemarkCode.OTHER_NOTEBOOKS, arguments={"notebook": name, "others": listed(found)})
    return Remark(RemarkCode.NO_NOTEBOOK, arguments={"notebook": name})


def _obstacle(path: Path, root: Path) -> Remark | None:
    """Return why what has a notebook's name is no file to be read; None where there is nothing."""
    if os.path.lexists(path):
        try:
            read_notebook(path, root)
        except SubmissionError as error:
            return refusal(error)
    return None


def _remarks_on_notebooks(choice: Choice) -> Iterator[tuple[str, Remark]]:
    for name, chosen in choice.chosen.items():
        if chosen.path != (f"{name}.ipynb",):
            yield name, Remark(RemarkCode.TAKEN_AS, arguments={"notebook": name, "file": chosen.name})
        if others := choice.others.get(name):
            said = listed(names(others))
            yield name, Remark(RemarkCode.SAME_NOTEBOOK_AGAIN, arguments={"notebook": name, "files": said})


def _remarks_on_files(choice: Choice, there: HandedIn, about: str) -> Iterator[tuple[str, Remark]]:
    """Yield what became of all other files; the first notebook's page says it."""
    if not choice.chosen:
        return
    refused = [name for name in there.unread if name.removesuffix(".ipynb") != about]
    for code, files in (
        (RemarkCode.STRAY_NOTEBOOKS, names(choice.strays)),
        (RemarkCode.OTHER_FILES, there.others),
        (RemarkCode.UNREAD_FILES, [*refused, *there.left_in_archives]),
    ):
        if files:
            yield about, Remark(code, arguments={"files": listed(files)})


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
