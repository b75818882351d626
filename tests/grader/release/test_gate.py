"""`course release`, for real: what is wrong with a master keeps it from students, and nothing is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.conftest import copy_course
from tests.grader.release.seeds import CODE, CRITERION, HIDDEN, SOLUTION, zipped

from closed_doors.authoring.publish.masters import Newer, pairs, synchronise
from closed_doors.cli.main import main
from closed_doors.core.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ASSIGNMENT = "masque_causal"
Change = Callable[[Any, Path], None]


@pytest.fixture
def course(repository: Layout, tmp_path: Path) -> Layout:
    """A course of one assignment, of the test's own."""
    layout = copy_course(repository, tmp_path / "course")
    for folder in (layout.source, layout.masters):
        for other in folder.iterdir():
            if other.name != ASSIGNMENT:
                for path in other.iterdir():
                    path.unlink()
                other.rmdir()
    return layout


def release(layout: Layout, *options: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(layout.root), "release", ASSIGNMENT, *options])


def edit(layout: Layout, change: Change) -> None:
    """Change the master notebook, as an author does in JupyterLab, and sync."""
    path = layout.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"]}
    for cell in cells.values():
        cell["source"] = "".join(cell["source"])
    change(cells, path.parent)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
    for pair in pairs(layout):
        synchronise(pair, Newer.NOTEBOOK)


def given_in_the_lesson(cells: Any, _: Path) -> None:
    cells["numpy-tril"]["source"] += f"\n\n\ndef local(size):\n    {SOLUTION.replace('seq_len', 'size')}"


def in_details(cells: Any, _: Path) -> None:
    cells["resume"]["source"] += f"\n\n<details><summary>Corrigé</summary>\n\n```python\n{CODE}```\n\n</details>"


def hidden_test_shown(cells: Any, _: Path) -> None:
    cells["exercice-2-donnees"]["source"] += f"\n{HIDDEN}"


def hidden_criterion(cells: Any, _: Path) -> None:
    cells["exercice-1"]["source"] += f"\n\nÀ la correction : {CRITERION}"


def marker_misspelt(cells: Any, _: Path) -> None:
    cell = cells["exercice-1-verification"]
    cell["source"] = cell["source"].replace("### END HIDDEN TESTS", "### END HIDEN TESTS")


def attached(cells: Any, _: Path) -> None:
    cells["resume"]["attachments"] = {"a.txt": {"text/plain": "eA=="}}


def in_metadata(cells: Any, _: Path) -> None:
    cells["resume"]["metadata"]["note"] = SOLUTION


def a_zip_beside_it(_: Any, folder: Path) -> None:
    (folder / "donnees.zip").write_bytes(zipped({"aide.py": CODE}))


def a_pair_beside_it(_: Any, folder: Path) -> None:
    (folder / f"{ASSIGNMENT}.py").write_text(f"# ---\n# jupyter:\n#   jupytext:\n# ---\n{CODE}", encoding="utf-8")


def a_roster_beside_it(_: Any, folder: Path) -> None:
    (folder / "liste.csv").write_text("nom,prénom,email\nExemple,Ada,ada@exemple.fr\n", encoding="utf-8")


def an_unlocked_test(cells: Any, _: Path) -> None:
    cells["exercice-1-verification"]["metadata"]["nbgrader"]["locked"] = False


def redefined_by_an_answer(cells: Any, _: Path) -> None:
    for cell in ("numpy-tril", "bonus-reponse"):
        cells[cell]["source"] += "\nclose = abs"
    cells["controle-module"]["source"] += "\nclose(1)"


REFUSED: list[tuple[Change, str, str]] = [
    (given_in_the_lesson, "(numpy-tril), source", "solution of exercice-1-reponse"),
    (in_details, "(resume), source", "solution of exercice-1-reponse"),
    (hidden_test_shown, "(exercice-2-donnees), source", "hidden test of exercice-1-verification"),
    (hidden_criterion, "(exercice-1), source", "hidden test of exercice-1-verification"),
    (marker_misspelt, f"source/{ASSIGNMENT}", "nbgrader refuses it"),
    (attached, "(resume), attachment a.txt", "an attachment that is not a picture"),
    (in_metadata, "(resume), metadata", "solution of exercice-1-reponse"),
    (a_zip_beside_it, "donnees.zip!aide.py", "solution of exercice-1-reponse"),
    (a_pair_beside_it, f"{ASSIGNMENT}.py", "as text"),
    (a_roster_beside_it, "liste.csv", "a table of people"),
    (redefined_by_an_answer, "(controle-module)", "numpy-tril defines and the solution of bonus-reponse too"),
    (an_unlocked_test, "(exercice-1-verification), metadata", "students can edit"),
]


@pytest.mark.parametrize(("change", "place", "reason"), REFUSED, ids=[change.__name__ for change, *_ in REFUSED])
def test_a_faulty_master_is_refused(course: Layout, change: Change, place: str, reason: str) -> None:
    """The refusal says where and why, exits with 1, and leaves release/, solutions/, dist/ and the gradebook alone."""
    edit(course, change)
    result = release(course)
    assert result.exit_code == 1, result.output
    assert any(place in line and reason in line for line in result.output.splitlines()), result.output
    assert not any((course.root / name).exists() for name in ("release", "solutions", "dist", "gradebook.db"))


def without_markers(cells: Any, _: Path) -> None:
    """An answer that is no solution cell any more and has no markers (nothing is taken out of it), and worse."""
    cell = cells["exercice-1-reponse"]
    cell["metadata"]["nbgrader"].update(solution=False, locked=True)
    cell["source"] = "\n".join(line for line in cell["source"].splitlines() if "###" not in line)
    cells["exercice-3-verification"]["metadata"]["nbgrader"]["points"] = 6
    cells["bonus-reponse"]["source"] = cells["bonus-reponse"]["source"].replace("distance >= 0", "distance > 0")


def test_notebooks_are_tried_before_they_are_released(course: Layout) -> None:
    """Points that are earned untouched, points that differ, a solution that misses a criterion: all are refused."""
    edit(course, without_markers)
    result = release(course)
    assert result.exit_code == 1
    for place, reason in (
        ("exercice-1-verification", "the untouched notebook earns 4 of 4 points"),
        ("exercice-3-verification", "run_tests shares 5 points, and nbgrader's metadata say 6"),
        ("bonus-verification", "the solution misses test_window_of_three"),
        ("bonus-verification", "AssertionError"),
    ):
        assert any(place in line and reason in line for line in result.output.splitlines()), result.output
    assert not course.release.exists()


def test_a_good_master_is_released(course: Layout, repository: Layout) -> None:
    """What stands in release/ is not lost in silence; then all is written, the same to the byte whenever it is made."""
    folder = course.release / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "corrige.py").write_text(CODE, encoding="utf-8")
    refused = release(course)
    assert refused.exit_code == 1
    assert "corrige.py: already released: solution of exercice-1-reponse" in refused.output
    assert (folder / "corrige.py").exists()
    result = release(course, "--overwrite")
    assert result.exit_code == 0, result.output
    assert not (folder / "corrige.py").exists()
    for name in ("release", "solutions"):
        path = Path(name, ASSIGNMENT, f"{ASSIGNMENT}.ipynb")
        assert (course.root / path).read_bytes() == (repository.root / path).read_bytes()
    assert not list(course.release.glob(".*"))
    bundle = course.bundles / f"{ASSIGNMENT}.zip"
    checked = release(course, "--check", "--no-run")
    assert checked.exit_code == 0, checked.output
    scanned = CliRunner().invoke(main, ["--root", str(course.root), "release", "--check", str(bundle)])
    assert scanned.exit_code == 0, scanned.output
    bundle.write_bytes(zipped({"masque_causal/corrige.py": CODE}))
    stale = release(course, "--check", "--no-run")
    assert "not the bundle that the master gives" in stale.output
    scanned = CliRunner().invoke(main, ["--root", str(course.root), "release", "--check", str(bundle)])
    assert f"{bundle}!masque_causal/corrige.py: solution of exercice-1-reponse" in scanned.output


def test_check_compares_what_is_committed(course: Layout) -> None:
    """`--check` writes nothing and names the committed file that is not what the master generates."""
    folder = course.release / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_text("{}", encoding="utf-8")
    result = release(course, "--check", "--no-run")
    assert result.exit_code == 1
    assert f"release/{ASSIGNMENT}/{ASSIGNMENT}.ipynb: is not what the master generates" in result.output
    assert f"solutions/{ASSIGNMENT}/{ASSIGNMENT}.ipynb: is missing" in result.output
    assert not course.solutions.exists()


def test_a_release_that_was_not_synced_is_refused(course: Layout) -> None:
    """A notebook that its text does not describe is not released."""
    text = course.masters / ASSIGNMENT / f"{ASSIGNMENT}.py"
    text.write_text(text.read_text(encoding="utf-8").replace("## 10. Résumé", "## 10. En bref"), encoding="utf-8")
    result = release(course)
    assert result.exit_code == 1
    assert "run `course sync` first" in result.output
    assert not course.release.exists()
