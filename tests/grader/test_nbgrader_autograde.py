"""The plug-in inside nbgrader: marks, outputs, remarks and feedback of a real class."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.utils import determine_grade, is_grade, is_solution
from tests.conftest import ROOT
from tests.course.conftest import execute

from closed_doors.core.layout import Layout
from closed_doors.demo.class_file import DemoStudent, read_class
from closed_doors.demo.make_submission import completed, hand_in
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

DEMO = read_class(ROOT / "examples" / "masque_causal")
HONEST = [student for student in DEMO.students if student.expected is not None and student.id != "nina"]
NOTEBOOK = Path("masque_causal") / "masque_causal.ipynb"


def rebuilt(student: DemoStudent) -> tuple[Any, Any]:
    master = nbformat.read(ROOT / "source" / NOTEBOOK, as_version=4)
    release = nbformat.read(ROOT / "release" / NOTEBOOK, as_version=4)
    return master, rebuild(master, completed(DEMO, student, release)).notebook


@pytest.mark.slow
@pytest.mark.parametrize("student", HONEST, ids=lambda student: student.id)
def test_marks_agree_with_an_ordinary_kernel(student: DemoStudent, zygote: Zygote, tmp_path: Path) -> None:
    """Cell by cell, an honest submission earns behind closed doors what it earns under stock nbgrader."""
    master, notebook = rebuilt(student)
    found = grade(zygote, plan(master, notebook), files=handed_out(ROOT, "masque_causal"))
    here = {index: verdict.earned for index, verdict in found.verdicts.items()}
    path = tmp_path / "notebook.ipynb"
    nbformat.write(notebook, path)
    cells = enumerate(execute(path, tmp_path).cells)
    stock = {index: determine_grade(cell)[0] for index, cell in cells if is_grade(cell) and not is_solution(cell)}
    assert here == stock


@pytest.fixture
def course(course_copy: Layout) -> NbgraderCourse:
    course = NbgraderCourse(course_copy.root)
    course.generate_assignment("masque_causal")
    return course


def submit(course: NbgraderCourse, notebook: Any, student: str = "x") -> Path:
    path = course.root / "submitted" / student / NOTEBOOK
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


def release_of(course: NbgraderCourse) -> Any:
    return nbformat.read(course.root / "release" / NOTEBOOK, as_version=4)


def answer_of(notebook: Any, grade_id: str) -> Any:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.mark.slow
def test_the_autograded_notebook_reads_as_usual(course: NbgraderCourse) -> None:
    """Outputs, figures, criteria and points stand under their cells, remarks on top; no payload is left."""
    notebook = release_of(course)
    answer_of(notebook, "exercice-1-reponse").source = (
        "from IPython.display import HTML, display\nimport matplotlib.pyplot as plt\n"
        "def create_local_mask(n): return np.eye(n) + np.eye(n, k=-1)\n"
        "display(HTML('<b>gras</b><script>alert(1)</script>'))\nplt.plot([1, 2])\nplt.show()\nprint('bonjour')"
    )
    notebook.cells.append(nbformat.v4.new_markdown_cell("note <img src=x onerror=alert(1)>"))
    notebook.cells.append(nbformat.v4.new_code_cell("import os\nos._exit(0)"))
    submit(course, notebook)
    assert course.autograde("masque_causal", "x") is None
    mark = course.mark("masque_causal", "x")
    assert mark is not None
    assert mark.score == 4
    graded = nbformat.read(course.root / "autograded" / "x" / NOTEBOOK, as_version=4)
    shown = str([cell.source if cell.cell_type == "markdown" else cell.outputs for cell in graded.cells])
    assert "arrêté le programme" in graded.cells[0].source
    outputs = answer_of(graded, "exercice-1-reponse").outputs
    assert "bonjour" in str(outputs)
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert "<script>" not in shown
    assert "<img src=x" not in shown
    assert answer_of(graded, "exercice-1-verification").outputs[-1].data["text/plain"] == "4.0"


@pytest.mark.slow
def test_a_link_to_the_master_earns_nothing(course: NbgraderCourse) -> None:
    """A submission that is a link is refused, whatever it points at, and the next student is graded."""
    path = course.root / "submitted" / "x" / NOTEBOOK
    path.parent.mkdir(parents=True)
    path.symlink_to(course.root / "source" / NOTEBOOK)
    refusal = course.autograde("masque_causal", "x")
    assert refusal is not None
    assert "sans suivre de lien" in refusal
    hand_in(DEMO, HONEST[0], course.root / "release" / NOTEBOOK, course.root / "submitted")
    assert course.autograde("masque_causal", HONEST[0].id) is None
