"""In each master, the first cell finds the course or takes it in, and the last one checks the whole notebook."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT

from closed_doors.authoring.publish.plain_kernel import plain_python, run_notebook
from closed_doors.authoring.publish.student_zip import Bundle, make_bundle
from closed_doors.core.layout import Layout

ASSIGNMENTS = Layout(ROOT).assignments()
COLAB = "import sys, types, pathlib\nsys.modules['google.colab'] = sys.modules['google.colab.files'] = colab"
COLAB = f"{COLAB} = types.ModuleType('colab')\ncolab.upload = lambda: {{'a.zip': pathlib.Path(PATH).read_bytes()}}\n"
FOREIGN = "raise ImportError('a package of the same name, with needs of its own')\n"


def code_cells(assignment: str, folder: str = "source") -> list[Any]:
    text = (ROOT / folder / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8")
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def first_cell(assignment: str) -> str:
    return "".join(code_cells(assignment)[0]["source"])


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter without the course."""
    return plain_python(tmp_path_factory.mktemp("python"))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle(ROOT / "release" / "masque_causal", ROOT)


def printed(python: Path, folder: Path, code: str, typed: str = "") -> str:
    code = f"import sys, types; sys.modules['torch'] = types.ModuleType('torch')\n{code}"  # takes seconds to load
    done = subprocess.run(
        [python, "-c", code], cwd=folder, input=typed, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_master_begins_and_ends_alike(assignment: str) -> None:
    """One text for all, but for the archive's name; both cells are demonstrations, which grading leaves out."""
    first, *_, last = code_cells(assignment)
    assert first_cell(assignment) == first_cell("masque_causal").replace("masque_causal.zip", f"{assignment}.zip")
    assert "".join(last["source"]) == "from checks import check_notebook\n\ncheck_notebook()"
    assert "demo" in first["metadata"]["tags"]
    assert "demo" in last["metadata"]["tags"]


def test_nothing_is_said_where_everything_is_there(python: Path, bundle: Bundle, tmp_path: Path) -> None:
    """Beside its folders, the notebook begins without a word."""
    assert printed(python, bundle.unpack(tmp_path), first_cell("masque_causal")) == ""


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("way", ["beside", "typed", "colab"])
def test_a_lone_notebook_takes_the_archive_in(
    python: Path, bundle: Bundle, tmp_path: Path, way: str, foreign: bool
) -> None:
    """Two sentences, then the archive is found beside it, typed or uploaded, and the course can be imported."""
    folder = tmp_path / "seul"
    folder.mkdir()
    archive = folder / "masque_causal.zip" if way == "beside" else tmp_path / "téléchargée.zip"
    archive.write_bytes(bundle.data())
    code = first_cell("masque_causal") + "\nfrom attention.writing import written; from checks import run_tests"
    if foreign:
        other = tmp_path / "other" / "attention"
        other.mkdir(parents=True)
        (other / "__init__.py").write_text(FOREIGN)
        code = f"import sys; sys.path.append({str(other.parent)!r})\n{code}"
    if way == "colab":
        code = COLAB.replace("PATH", repr(str(archive))) + code
    said = printed(python, folder, code, f'"{archive}"\n')
    assert said.startswith("Les dossiers attention et checks ne sont pas à côté de ce notebook")
    assert "N'installez pas «\u00a0attention\u00a0» avec pip" in said
    assert said.rstrip().endswith("continuez.")
    assert not (folder / "masque_causal.ipynb").exists()  # the student's own is never written over


def test_a_lone_notebook_takes_the_hints_in(python: Path, bundle: Bundle, tmp_path: Path) -> None:
    """As in Colab: they come with the course's folders, and are found wherever the student's code goes."""
    (tmp_path / "masque_causal.zip").write_bytes(bundle.data())
    answer = (ROOT / "tests/answers/masque_causal/bonus/wrong/centred.py").read_text(encoding="utf-8")
    asked = "print(*hints_for(globals(), {'create_sliding_window_mask'}))"
    away = "import os, numpy as np; from checks.public_hints import hints_for; os.chdir('/')"
    said = printed(python, tmp_path, "\n".join([first_cell("masque_causal"), away, answer, asked]))
    assert "Piste\u00a0: la fenêtre est centrée sur le token" in said


@pytest.mark.parametrize("typed", ["", "absente.zip\n"])
def test_without_the_archive_it_says_so(python: Path, tmp_path: Path, typed: str) -> None:
    """Nothing typed, or a path that leads nowhere: a sentence, no traceback."""
    assert "L'archive n'a pas été trouvée" in printed(python, tmp_path, first_cell("masque_causal"), typed)


@pytest.mark.slow
def test_numpy_exercises_work_without_pytorch(python: Path, bundle: Bundle, tmp_path: Path) -> None:
    """As in JupyterLite: what is written with NumPy is checked, the rest says what it lacks and costs nothing."""
    site = next((python.parent.parent / "lib").glob("*/site-packages"))
    (site / "without_torch.pth").write_text("import sys; sys.modules['torch'] = None\n")
    wanted = ("demarrage", "preparation", "exercice-1-reponse", "exercice-1-verification")
    wanted += ("exercice-2-reponse", "exercice-2-verification")
    solved = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in code_cells("masque_causal")}
    home = bundle.unpack(tmp_path)
    path = home / "masque_causal.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [
        cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") in wanted
    ]
    for cell in notebook["cells"]:
        if cell["id"].endswith("-reponse"):
            cell["source"] = solved[cell["id"]]["source"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    shown = {
        cell["id"]: "".join("".join(output.get("text", "")) for output in cell["outputs"])
        for cell in run_notebook(path, python, tmp_path)["cells"]
    }
    assert "PyTorch n'est pas installé ici" in shown["demarrage"]
    assert "2 critères réussis sur 2\u00a0: 4 points sur 4" in shown["exercice-1-verification"]
    assert shown["exercice-2-verification"].count("PyTorch n'est pas installé ici") == 1
    assert "✗" not in shown["exercice-2-verification"]
