"""The student bundle works where it is unpacked, holds what its notebooks need, and nothing that grades."""

import ast
import itertools
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
from tests.conftest import ROOT

from checks import installation
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
        "verifier_installation.py",
    }
    hints = bundle.files["checks/pistes.json"]  # inside a package: a notebook opened alone takes packages in
    assert hints == (ROOT / "masters" / bundle.name / f"{bundle.name}.pistes.json").read_bytes()
    read_me = bundle.files["LISEZMOI.txt"].decode()
    assert all(word in read_me for word in (notebook, "pip install -r requirements.txt", "-m jupyterlab", "attention"))
    lines = bundle.files["requirements.txt"].decode().splitlines()
    assert {"torch>=2.5", "numpy>=2.0", "jupyterlab>=4.4", "seaborn>=0.13.2"} <= set(lines)
    assert not any(name.startswith(("nbgrader", "click", "sqlalchemy", "causal", "pytest")) for name in lines)


def test_the_lines_to_copy_are_few_and_stand_alone(bundle: Bundle) -> None:
    """On each system: one name for the environment, nothing to activate, and on Linux the build without CUDA first."""
    read_me = bundle.files["LISEZMOI.txt"].decode()
    parts = dict(itertools.pairwise(re.split(r"^   (Linux[^\n]*|macOS|Windows|Avec uv[^\n]*)$", read_me, flags=re.M)))
    commands = {name: re.findall(r"^ {7}(\S.*)$", text, re.M) for name, text in parts.items()}
    linux = [*commands["Linux (Debian, Ubuntu)"], *commands["Linux et macOS"]]
    assert len(linux) <= 5  # and one more for the program that looks at the installation
    assert linux[2].startswith("env/bin/python -m pip install torch --index-url https://")
    assert linux[-1] == f"env/bin/python -m jupyterlab {bundle.name}.ipynb"
    assert all("activate" not in line and "\u00a0" not in line for lines in commands.values() for line in lines)
    windows = re.findall(r"^ {7}(\S*(?:py |Scripts).*)$", read_me, re.M)
    assert windows == [
        "py -m venv env",
        r"env\Scripts\python -m pip install -r requirements.txt",
        rf"env\Scripts\python -m jupyterlab {bundle.name}.ipynb",
    ]


def test_the_program_that_looks_reads_what_is_needed(bundle: Bundle) -> None:
    """requirements.txt tells it Python's version, what must lie beside it, and every library's."""
    wanted = installation.needs(bundle.files["requirements.txt"].decode())
    assert wanted.python == "3.10"
    assert set(wanted.files) == {"attention", "checks", f"{bundle.name}.ipynb"}
    assert ("torch", "2.5") in wanted.libraries


def test_all_python_in_the_bundle_is_written_for_the_oldest_that_is_named(bundle: Bundle) -> None:
    """Modules and cells: no syntax newer than Python 3.10's, which LISEZMOI.txt names."""
    cells = json.loads(bundle.files[f"{bundle.name}.ipynb"])["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    sources += [data.decode() for name, data in bundle.files.items() if name.endswith(".py")]
    for source in sources:
        ast.parse(source, feature_version=(3, 10))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif("LISEZMOI" not in os.environ, reason="installs 1.4 GB; LISEZMOI=1 asks for it")
def test_a_student_who_copies_the_lines_runs_the_first_check(repository: Layout, tmp_path: Path) -> None:
    """LISEZMOI.txt's lines for Linux, one after the other, in an empty folder: the first check answers, in 1.6 GB."""
    home = make_bundle(repository.release / "masque_causal", repository.root).unpack(tmp_path)
    read_me = (home / "LISEZMOI.txt").read_text(encoding="utf-8")
    part = read_me.partition("Linux (Debian")[2].partition("macOS")[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}

    def run(command: str) -> str:
        done = subprocess.run(["bash", "-c", command], cwd=home, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    assert "partie 1" in run("python3 verifier_installation.py || true")
    for command in re.findall(r"^ {7}(\S.*)$", part, re.M)[1:]:  # the first needs a system of its own
        run(command)
    assert run("env/bin/python verifier_installation.py").startswith("Tout est là")
    said = run("env/bin/python -m nbconvert --execute --allow-errors --to markdown --stdout masque_causal.ipynb")
    assert "create_local_mask n'est pas encore écrite" in said
    size = sum(path.lstat().st_size for path in home.rglob("*") if not path.is_symlink())
    assert size < 1.6e9, size


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
    cells = {c.id: c for c in nbformat.from_dict(run_notebook(home / "masque_causal.ipynb", python, tmp_path)).cells}
    assert not [
        output for cell in cells.values() for output in cell.get("outputs", ()) if output.output_type == "error"
    ]
    said = "".join("".join(output.get("text", "")) for output in cells["exercice-1-verification"].outputs)
    assert "✗ Le masque de 5 tokens est celui de l'énoncé." in said
    assert "create_local_mask n'est pas encore écrite" in said
