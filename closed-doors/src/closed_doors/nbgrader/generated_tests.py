"""Tests that nbgrader writes when it generates an assignment: the master has a mark (`### AUTOTEST`) in their place.

What is graded is what the gradebook holds, as nbgrader's own autograding does; a cell that it does not hold keeps its
mark, and is refused by name.
"""

from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_structure import NotebookStructure, structure_in
from closed_doors.notebook.cell import Role, cell_of
from closed_doors.notebook.hidden_regions import line_to_generate
from closed_doors.notebook.json_files import JsonObject, Notebook


def with_generated_tests(master: Notebook, url: str, assignment: str, notebook: str) -> Notebook:
    """Return a master with the tests that nbgrader has generated.

    Args:
        master: as it stands in source/.
        url: the gradebook, as a SQLAlchemy URL.
        assignment: nbgrader's name for it.
        notebook: the master's name.

    Raises:
        GradebookError: the gradebook can't be read.
    """
    if not any(_lacks_tests(cell) for cell in master["cells"]):
        return master
    with Database(url).transaction() as db:
        sources = structure_in(db, assignment).get(notebook, NotebookStructure()).sources
    generated = {name: row.source for name, row in sources.items() if line_to_generate(row.source) is None}
    cells = [
        {**cell, "source": generated[name]}
        if _lacks_tests(cell) and (name := cell_of(cell).grade_id) in generated
        else cell
        for cell in master["cells"]
    ]
    return {**master, "cells": cells}


def _lacks_tests(cell: JsonObject) -> bool:
    seen = cell_of(cell)
    return seen.is_code and seen.role is Role.GRADING and line_to_generate(seen.source) is not None
