"""Where the course's own templates for nbgrader's pages are, for nbgrader_config.py; loads nothing of nbgrader."""

from importlib.util import find_spec
from pathlib import Path

OURS = Path(__file__).parent / "templates"


def template_folders() -> list[str]:
    """Return the folders of templates for c.HTMLExporter.extra_template_basedirs, ours before nbgrader's."""
    nbgrader = find_spec("nbgrader")  # of a package at the top, so that nothing is imported
    places = (nbgrader.submodule_search_locations or []) if nbgrader else []
    theirs = (Path(place, "server_extensions", "formgrader", "templates") for place in places)
    return [str(OURS), *map(str, theirs)]
