"""What exists for a student: the files that nbgrader copies, and the modules that the released notebook imports."""

from pathlib import Path

import pytest

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import MasterError, ProfileError
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.handed_out import answers, answers_given, handed_out
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, RIGHT, SmallCourse, master
from support.grading_run import autograde

MODULES = {
    "__init__.py": "",
    "used.py": "from .deep import far\ndef two():\n    from outils import lazy\n    return 2\n",
    "deep/__init__.py": "",
    "deep/far.py": "import json, numpy\nfrom .. import lazy\n",
    "lazy.py": "",
    "hidden.py": "",
    "solved.py": "def double(n):\n    return 2 * n\n",
    "other.py": "",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for inside, text in files.items():
        path = folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def with_package(course: SmallCourse) -> SmallCourse:
    """A course with a package of its own, from which its notebook imports nothing yet."""
    write(course.root / "outils", MODULES)
    (course.root / "course.toml").write_text('[packages]\nown = ["outils"]\n', encoding="utf-8")
    return course


def with_cells(course: SmallCourse, **sources: str) -> SmallCourse:
    """Put code before that of some cells of the master, by grade_id."""
    notebook = master()
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, "") + cell.source
    course.set_master(notebook)
    return course


def names(files: AssignmentFiles, kind: str = "modules") -> set[str]:
    return {path for path, _ in getattr(files, kind) if not path.startswith("checks/")}


def test_modules_are_followed_wherever_imports_stand(with_package: SmallCourse) -> None:
    """Relative imports, imports inside functions, packages on the way; no other module, and nothing of libraries."""
    files = handed_out(
        with_cells(with_package, preparation="%matplotlib inline\nimport outils.used\n").root, ASSIGNMENT
    )
    expected = {"__init__.py", "used.py", "deep/__init__.py", "deep/far.py", "lazy.py"}
    assert names(files) == {f"outils/{path}" for path in expected}
    assert names(files, "reserved") == set()
    assert "checks/runner.py" in dict(files.modules)


def test_what_only_the_instructors_code_imports_is_not_handed_out(with_package: SmallCourse) -> None:
    """Imports of a solution and of hidden tests are the examiner's alone, whatever nbgrader's markers are."""
    hidden = "### BEGIN HIDDEN TESTS\nfrom outils import hidden\n### END HIDDEN TESTS\n"
    solution = "### BEGIN SOLUTION\nfrom outils import solved\n### END SOLUTION\n"
    files = handed_out(with_cells(with_package, verification=hidden, reponse=solution).root, ASSIGNMENT)
    assert names(files) == set()
    assert names(files, "reserved") == {"outils/__init__.py", "outils/hidden.py", "outils/solved.py"}
    config = with_package.root / "nbgrader_config.py"
    config.write_text(
        config.read_text() + 'c.ClearHiddenTests.begin_test_delimeter = "CACHE"\n'
        'c.ClearHiddenTests.end_test_delimeter = "MONTRE"\n'
    )
    other = "# CACHE\nfrom outils import lazy\n# MONTRE\n"
    assert names(handed_out(with_cells(with_package, verification=other).root, ASSIGNMENT)) == set()


def test_a_module_with_the_answer_is_refused(with_package: SmallCourse) -> None:
    """The message names the module, what it defines and the key of course.toml that allows it."""
    course = with_cells(with_package, preparation="from outils.solved import double\n")
    with pytest.raises(MasterError, match=r"outils/solved.py, which defines double.*given = \['double'\]"):
        handed_out(course.root, ASSIGNMENT)
    profile = course.root / "course.toml"
    profile.write_text(profile.read_text() + f'[assignments.{ASSIGNMENT}]\ngiven = ["double"]\n')
    assert "outils/solved.py" in names(handed_out(course.root, ASSIGNMENT))


def test_answers_are_what_a_solution_defines(with_package: SmallCourse) -> None:
    """Functions and classes with a line of the solution in them; not what stands in the cell for students to see."""
    from closed_doors.core.profile import Profile

    shown = "def helper():\n    return 1\n\nclass A:\n    def f(self):\n        ### BEGIN SOLUTION\n        return 1\n"
    course = with_cells(with_package, reponse=f"{shown}        ### END SOLUTION\n")
    settings = read_settings(course.root)
    asked = answers(settings, Profile(), ASSIGNMENT)
    assert asked == {"A", "double"}
    module = ("m.py", b"class A: ...\ndef double(): ...\ndef helper(): ...\n")
    (given,) = answers_given((module,), {ASSIGNMENT: asked})
    assert (given.module, given.names) == ("m.py", ("A", "double"))


def test_an_unknown_package_is_named(course: SmallCourse) -> None:
    """A package that is neither in the course nor installed is a mistake in course.toml."""
    (course.root / "course.toml").write_text('[packages]\nown = ["nowhere_at_all"]\n')
    with pytest.raises(ProfileError, match="nowhere_at_all"):
        handed_out(course.root, ASSIGNMENT)


def test_materials_are_what_nbgrader_copies(course: SmallCourse) -> None:
    """Folders and modules too, without what nbgrader or the course ignores: the same files as in release/."""
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.bak", "private"]\n')
    folder = course.root / "source" / ASSIGNMENT
    kept = {"x.csv": "1", "data/deep/y.csv": "2", "outils.py": "", "data/outils.py": "", ".hidden": "3", "été.txt": "4"}
    left_out = {"x.bak": "", "private/z.csv": "", "data/private/z.csv": "", "data/other.ipynb": "{}"}
    write(folder, kept | left_out | {".ipynb_checkpoints/x.ipynb": "{}"})
    found = dict(handed_out(course.root, ASSIGNMENT).materials)
    assert set(found) == set(kept)
    NbgraderCourse(course.root).generate_assignment(ASSIGNMENT)
    released = course.root / "release" / ASSIGNMENT
    copied = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
    assert copied == {*kept, f"{ASSIGNMENT}.ipynb"}


def test_materials_are_there_when_work_is_graded(course: SmallCourse) -> None:
    """A file in a folder can be read and written beside; a helper module is imported, on both sides."""
    write(course.root / "source" / ASSIGNMENT, {"data/x.csv": "2\n", "outils/maths.py": "def two():\n    return 2\n"})
    with_cells(course, preparation="from outils.maths import two\n", verification="from outils.maths import two\n")
    course.submit("reads", "def double(n):\n    return int(open('data/x.csv').read()) * n")
    writes = "open('data/y.csv', 'w').write('2')\ndef double(n):\n    return int(open('data/y.csv').read()) * n"
    course.submit("writes", writes)
    course.submit("imports", "from outils.maths import two as deux\ndef double(n):\n    return deux() * n")
    course.submit("changes", "open('outils/maths.py', 'w').write('def two(): return 0')\n" + RIGHT)
    assert autograde(course).graded == 4
    found = {student: course.grades()[student, "verification"][0] for student in ("reads", "writes", "imports")}
    assert found == {"reads": 4, "writes": 4, "imports": 4}
    assert course.grades()["changes", "verification"][0] == 0  # read-only: the cell fails
    assert (course.root / "autograded" / "reads" / ASSIGNMENT / "data" / "x.csv").read_text() == "2\n"


def test_what_is_reserved_is_for_the_examiner_alone(with_package: SmallCourse) -> None:
    """A hidden test imports a module that the student's cell can't find, nor any other that is not handed out."""
    hidden = "### BEGIN HIDDEN TESTS\nfrom outils.hidden import four\n### END HIDDEN TESTS\n"
    write(with_package.root / "outils", {"hidden.py": "def four():\n    return 4\n"})
    course = with_cells(with_package, preparation="import outils.used\n", verification=hidden)
    look = "import importlib\nfound = []\nfor name in {names}:\n    try:\n"
    look += "        importlib.import_module('outils.' + name)\n        found.append(name)\n"
    look += "    except ModuleNotFoundError:\n        pass\n"
    code = look.format(names=["used", "deep.far", "lazy", "hidden", "solved", "other"])
    course.submit("alice", f"{code}assert found == ['used', 'deep.far', 'lazy'], found\n{RIGHT}")
    assert autograde(course).graded == 1
    assert course.grades()["alice", "verification"][0] == 4
