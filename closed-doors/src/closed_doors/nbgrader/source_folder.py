"""Where the host keeps the master of a submission that it is working on."""

from pathlib import Path
from typing import Any

from closed_doors.core.errors import HostError
from closed_doors.core.layout import Layout


def course_directory(step: Any) -> Any:
    """Return the course directory of a preprocessor: of its exporter's converter."""
    return step.parent.parent.coursedir


def master_path(step: Any, resources: dict[str, Any]) -> Path:
    """Return the path of the master notebook.

    Raises:
        HostError: it is missing.
    """
    names, coursedir = resources["nbgrader"], course_directory(step)
    folder = coursedir.format_path(coursedir.source_directory, ".", names["assignment"])
    path = Path(coursedir.root, folder, f"{names['notebook']}.ipynb")
    if not path.is_file():
        raise HostError(
            f"The master {path} is missing, and submissions are graded on it. "
            f"Bring source/{names['assignment']} back, then autograde again."
        )
    return path


def materials(master: Path) -> list[Path]:
    """Return the files that the assignment hands out beside its notebooks."""
    return sorted(path for path in master.parent.iterdir() if path.is_file() and path.suffix not in (".ipynb", ".py"))


def known_wrong(root: Path, assignment: str, notebook: str) -> bytes:
    """Return what the course knows of wrong answers to a notebook; empty where it knows nothing."""
    path = Layout(root).diagnosis(assignment, notebook)
    return path.read_bytes() if path.is_file() else b""
