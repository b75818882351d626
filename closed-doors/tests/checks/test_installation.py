"""The program beside a notebook that says what an installation lacks."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from closed_doors.authoring.publish.installation_program import installation_program
from closed_doors.core.wording import wording

PROGRAM = installation_program(wording("fr"))
PLENTY = "# Python >=3.9\n# Fichiers: devoir.ipynb outils\nnumpy>=2.0\n"


def said(folder: Path, python: str, requirements: str, files: tuple[str, ...] = ("devoir.ipynb", "outils")) -> str:
    """What the program prints in a folder of its own."""
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    for name in files:
        (folder / name).touch()
    program = folder / "verifier_installation.py"
    program.write_text(PROGRAM, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    done = subprocess.run([python, program], cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    assert not done.stderr
    assert done.returncode == ("Tout est là" not in done.stdout)
    return done.stdout


def test_a_whole_installation_is_said_to_be_whole(tmp_path: Path) -> None:
    """Nothing is asked of somebody who has everything."""
    assert said(tmp_path, sys.executable, PLENTY).startswith("Tout est là")


@pytest.mark.parametrize(
    ("requirements", "files", "sentence"),
    [
        (PLENTY + "no-such-library\n", ("devoir.ipynb", "outils"), "Il manque no-such-library. Installez"),
        (PLENTY.replace("2.0", "99.1"), ("devoir.ipynb", "outils"), "est trop ancien, il faut 99.1 au moins"),
        (PLENTY, ("devoir.ipynb",), "à côté de ce programme\u00a0: outils."),
        (PLENTY.replace("3.9", "9.9"), ("devoir.ipynb", "outils"), "Python 9.9 ou plus récent est nécessaire"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, requirements: str, files: tuple[str, ...], sentence: str) -> None:
    """A library, its version, a folder, Python itself: each in a French sentence that says what to do."""
    assert sentence in said(tmp_path, sys.executable, requirements, files)


def test_it_speaks_the_language_of_the_course(tmp_path: Path) -> None:
    """It has the sentences of one language in it, and reads requirements.txt as that language's release writes it."""
    (tmp_path / "requirements.txt").write_text("# Python >=3.9\n# Files: notebook.ipynb\n", encoding="utf-8")
    (tmp_path / "check_installation.py").write_text(installation_program(wording("en")), encoding="utf-8")
    command = [sys.executable, "check_installation.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.stdout.startswith("- There is not, beside this program: notebook.ipynb. Unpack the archive again")


def test_a_library_that_does_not_load_is_named(tmp_path: Path) -> None:
    """Installed is not enough: on Windows a compiled library may lack one of the system."""
    package = tmp_path / "env" / "broken.py"
    package.parent.mkdir()
    package.write_text("raise OSError('DLL load failed')")
    about = tmp_path / "env" / "broken-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (package.parent / "look.py").write_text(PROGRAM, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); from look import _libraries, Library"
    code += "\nprint(*_libraries((Library('broken', ''),)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "broken est installé, mais ne se charge pas\u00a0: OSError, DLL load failed" in done.stdout


def test_before_anything_is_installed_the_next_step_is_said(tmp_path: Path) -> None:
    """Somebody who runs it first is led to the first part of LISEZMOI.txt."""
    (tmp_path / "look.py").write_text(PROGRAM, encoding="utf-8")
    code = "import sys; sys.prefix = sys.base_prefix; from look import _libraries, Library"
    code += "\nprint(*_libraries((Library('no-such', ''),)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    assert "Suivez la partie 1 de LISEZMOI.txt" in done.stdout


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_an_older_python_says_that_it_is_too_old(tmp_path: Path, version: str) -> None:
    """A Python that can't run the notebook can run the program, and stops at its own age."""
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    if not found:
        pytest.skip(f"no Python {version} here")
    text = said(tmp_path, str(found[0]), PLENTY.replace("3.9", "3.99"))
    assert f"est Python {version}." in text
    assert "numpy" not in text


def test_it_reads_nothing_but_the_standard_library() -> None:
    """It stands alone beside the notebook, in the syntax of Python 3.8."""
    tree = ast.parse(PROGRAM, feature_version=(3, 8))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name for node in imported for name in re.findall(r"import (\w+)|from (\w+)", ast.unparse(node))[0] if name}
    assert names <= set(sys.stdlib_module_names)
