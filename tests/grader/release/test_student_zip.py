"""The student bundle works where it is unpacked, holds what its notebooks need, and nothing that grades."""

import os
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
from tests.conftest import ROOT

from closed_doors.authoring.publish.plain_kernel import plain_python, run_notebook
from closed_doors.authoring.publish.student_zip import Bundle, make_bundle
from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout

ASSIGNMENTS = Layout(ROOT).assignments()


@pytest.fixture(params=ASSIGNMENTS)
def bundle(request: pytest.FixtureRequest, repository: Layout) -> Bundle:
    return make_bundle(repository.release / str(request.param), repository.root)


def test_a_bundle_holds_what_students_need_and_no_more(bundle: Bundle) -> None:
    """The notebook as released, the packages that it imports, a French LISEZMOI, what to install; no grader."""
    notebook = f"{bundle.name}.ipynb"
    assert bundle.files[notebook] == (ROOT / "release" / bundle.name / notebook).read_bytes()
    assert {name.split("/")[0] for name in bundle.files} == {
        "LICENSE",
        "LICENSE-TEXTS",
        "LISEZMOI.txt",
        "attention",
        "checks",
        notebook,
        "requirements.txt",
    }
    read_me = bundle.files["LISEZMOI.txt"].decode()
    assert all(word in read_me for word in (notebook, "pip install -r requirements.txt", "jupyter lab", "attention"))
    lines = bundle.files["requirements.txt"].decode().splitlines()
    assert {"torch>=2.5", "numpy>=2.0", "jupyterlab>=4.4", "seaborn>=0.13.2"} <= set(lines)
    assert not any(name.startswith(("nbgrader", "click", "sqlalchemy", "causal")) for name in lines)


def test_the_core_module_is_not_in_the_bundle_of_those_who_write_it(repository: Layout) -> None:
    """noyau_attention asks for masking and scaled_dot_product: their modules stay out, other assignments have them."""
    names = {
        name: set(make_bundle(repository.release / name, repository.root).files)
        for name in ("noyau_attention", "masque_causal")
    }
    core = {"attention/masking.py", "attention/scaled_dot_product.py"}
    assert names["noyau_attention"] & core == set()
    assert core <= names["masque_causal"]


def test_the_same_files_give_the_same_bytes(bundle: Bundle, repository: Layout) -> None:
    """Two bundles made one after the other are equal to the byte, and carry no date."""
    again = make_bundle(repository.release / bundle.name, repository.root)
    assert again.data() == bundle.data()


def test_a_released_file_never_takes_a_packages_place(repository: Layout, tmp_path: Path) -> None:
    """A supplementary file that the bundle would overwrite is refused by name."""
    folder = tmp_path / "devoir"
    folder.mkdir()
    (folder / "requirements.txt").write_text("numpy\n")
    with pytest.raises(LayoutError, match=r"requirements\.txt"):
        make_bundle(folder, repository.root)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_bundle_runs_where_it_is_unpacked(repository: Layout, tmp_path: Path) -> None:
    """Unzipped anywhere and run by a plain Jupyter that lacks the repository, checks answer kindly and give 0."""
    python = plain_python(tmp_path / "python")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    probe = [python, "-c", "import importlib.util as u; print(*map(u.find_spec, ('attention', 'checks', 'grading')))"]
    assert (
        subprocess.run(probe, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout.split()
        == ["None"] * 3
    )
    path = tmp_path / "masque_causal.zip"
    path.write_bytes(make_bundle(repository.release / "masque_causal", repository.root).data())
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "téléchargements")
    home = tmp_path / "téléchargements" / "masque_causal"
    cells = {
        c.metadata.nbgrader.grade_id: c
        for c in nbformat.from_dict(run_notebook(home / "masque_causal.ipynb", python, tmp_path)).cells
    }
    assert not [
        output for cell in cells.values() for output in cell.get("outputs", ()) if output.output_type == "error"
    ]
    said = "".join("".join(output.get("text", "")) for output in cells["exercice-1-verification"].outputs)
    assert "✗ Le masque de 5 tokens est celui de l'énoncé." in said
    assert "create_local_mask n'est pas encore écrite" in said
