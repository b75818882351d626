"""Notebooks run by a plain Jupyter, in a process of its own."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from closed_doors.core.errors import HostError
from closed_doors.notebook.json_files import Notebook, parse

NOTEBOOK_S = 900
CELL_S = 300


def plain_python(folder: Path) -> Path:
    """Make an interpreter that has the installed libraries and nothing of this repository, as a student's.

    Args:
        folder: where its environment is made.

    Returns:
        The interpreter. The libraries' folders are named in a .pth file: those named so do not have their own .pth
        files read, and the course is installed by one.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    libraries = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    inside = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)}))
    (inside / "libraries.pth").write_text("".join(f"{path}\n" for path in libraries), encoding="utf-8")
    python = folder / "bin" / "python"
    kernel = folder / "share" / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    return python


def run_notebook(path: Path, python: Path, scratch: Path) -> Notebook:
    """Run a notebook from top to bottom, going on after errors, and return it with its outputs.

    Args:
        path: the notebook, which stays as it is; its folder is the working directory.
        python: the interpreter of Jupyter and of the kernel.
        scratch: where the result and Jupyter's settings of this run stand: nobody's own settings count.

    Raises:
        HostError: Jupyter itself failed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment |= {
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
        "JUPYTER_DATA_DIR": str(scratch / "jupyter-data"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    wanted = ["--to", "notebook", "--execute", "--allow-errors", f"--ExecutePreprocessor.timeout={CELL_S}"]
    where = ["--output-dir", str(scratch), "--output", "executed.ipynb", path.name]
    command = [str(python), "-m", "nbconvert", "--log-level=ERROR", *wanted, *where]
    try:
        done = subprocess.run(  # noqa: S603  (this interpreter, on a notebook of the course)
            command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False, timeout=NOTEBOOK_S
        )
    except subprocess.TimeoutExpired as error:
        raise HostError(
            f"{path.name} did not end within {NOTEBOOK_S} s; a cell of the master takes too long."
        ) from error
    if done.returncode:
        raise HostError(f"Jupyter could not run {path.name}:\n{done.stderr.strip()}")
    return parse((scratch / "executed.ipynb").read_bytes())
