"""The header and the footer that nbgrader puts around every notebook of a course (IncludeHeaderFooter)."""

import copy
from pathlib import Path

from traitlets.config.loader import Config

from closed_doors.core.errors import HostError
from closed_doors.notebook.json_files import Notebook, parse


def with_header_footer(master: Notebook, config: Config, root: Path) -> Notebook:
    """Return a master as students get it: their own notebooks hold these cells, which are the instructor's.

    Args:
        master: the notebook in source/.
        config: the course's, as traitlets reads it.
        root: the course's folder, which the paths are relative to.

    Raises:
        HostError: a file that the configuration names is missing.
    """
    around = config.IncludeHeaderFooter
    header, footer = (_cells(root, around.get(which, "")) for which in ("header", "footer"))
    if not header and not footer:
        return master
    return type(master)({**master, "cells": [*header, *master["cells"], *footer]})


def _cells(root: Path, name: object) -> list[Notebook]:
    if not isinstance(name, str) or not name:
        return []
    path = root / name
    if not path.is_file():
        raise HostError(f"nbgrader_config.py names {name} as a header or footer, and {path} is missing.")
    return copy.deepcopy(list(parse(path.read_bytes())["cells"]))
