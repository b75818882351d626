"""Steps of the course inside nbgrader's own pipelines; nbgrader_config.py names them."""

from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.errors import HostError
from grading.notebook.rebuild import rebuild

SOLUTION_MARKERS = ("BEGIN SOLUTION", "END SOLUTION")


class RebuildOnMaster(NbGraderPreprocessor):  # type: ignore[misc]
    """Put a submission's answers into the master, first thing in `nbgrader autograde`.

    nbgrader calls it once per submitted notebook, before anything is executed. It stands for DeduplicateIds, which
    leaves cells that nbgrader 0.9.6 itself then refuses, and gives back deleted test cells at their place.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the rebuilt notebook; what was mended is logged as a warning."""
        rebuilt = rebuild(nbformat.read(self._master(resources["nbgrader"]), as_version=4), nb)
        for finding in rebuilt.findings:
            self.log.warning("Cell %r is %s in the submission", finding.grade_id, finding.what)
        return rebuilt.notebook, resources

    def _master(self, names: dict[str, str]) -> Path:
        coursedir = self.parent.parent.coursedir  # this step's exporter's converter, whose course it is
        folder = coursedir.format_path(coursedir.source_directory, ".", names["assignment"])
        path = Path(coursedir.root, folder, f"{names['notebook']}.ipynb")
        if not path.is_file():
            raise HostError(
                f"The master {path} is missing, and submissions are graded on it. "
                f"Bring source/{names['assignment']} back, then autograde again."
            )
        return path


class RemoveSolutionMarkers(NbGraderPreprocessor):  # type: ignore[misc]
    """Take the BEGIN SOLUTION and END SOLUTION lines out of `nbgrader generate_solution`'s notebooks."""

    def preprocess_cell(self, cell: Any, resources: dict[str, Any], index: int) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002
        """Return the cell without its marker lines; nbconvert calls it for every cell."""
        lines = cell.source.split("\n")
        cell.source = "\n".join(line for line in lines if not any(marker in line for marker in SOLUTION_MARKERS))
        return cell, resources
