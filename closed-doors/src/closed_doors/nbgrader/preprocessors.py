"""Steps of the course inside nbgrader's own pipelines; nbgrader_config.py names them."""

from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from closed_doors.core.terminal import plain_line
from closed_doors.nbgrader.settings import read_delimiters, read_stubs
from closed_doors.nbgrader.source_folder import course_directory, master_path
from closed_doors.notebook.findings import said
from closed_doors.notebook.ingest import parse_submission, read_notebook
from closed_doors.notebook.rebuild import rebuild

REMARKS_KEY = "closed_doors_remarks"  # of the notebook's metadata, between this step and ClosedDoors


class RebuildOnMaster(NbGraderPreprocessor):  # type: ignore[misc]
    """Put a submission's answers into the master, first thing in `nbgrader autograde`.

    nbgrader calls it once per submitted notebook, before anything is executed. It stands for DeduplicateIds, which
    leaves cells that nbgrader 0.9.6 itself then refuses, and gives back deleted test cells at their place.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002  (read anew)
        """Return the rebuilt notebook; what was mended is logged as a warning.

        The file is read again from submitted/, as one that anybody may have written: nbgrader follows links.
        """
        names, coursedir = resources["nbgrader"], course_directory(self)
        root = Path(coursedir.root, coursedir.submitted_directory).resolve()
        folder = coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"])
        path = root / Path(coursedir.root, folder, f"{names['notebook']}.ipynb")
        submitted = parse_submission(read_notebook(path, root), path.name)
        master = nbformat.read(master_path(self, resources), as_version=4)
        rebuilt = rebuild(read_delimiters(self.config).normalised(master), submitted, read_stubs(self.config))
        remarks = said(rebuilt.findings)
        for sentence in remarks:
            self.log.warning("%s: %s", plain_line(names["student"]), plain_line(sentence))
        notebook = nbformat.from_dict(rebuilt.notebook)
        if remarks:
            notebook.metadata[REMARKS_KEY] = remarks
        return notebook, resources


class RemoveSolutionMarkers(NbGraderPreprocessor):  # type: ignore[misc]
    """Take the lines that begin or end a solution out of `nbgrader generate_solution`'s notebooks."""

    def preprocess_cell(self, cell: Any, resources: dict[str, Any], index: int) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002
        """Return the cell without its marker lines; nbconvert calls it for every cell."""
        delimiters, lines = read_delimiters(self.config), cell.source.split("\n")
        markers = delimiters.begin_solution, delimiters.end_solution
        cell.source = "\n".join(line for line in lines if not any(marker in line for marker in markers))
        return cell, resources
