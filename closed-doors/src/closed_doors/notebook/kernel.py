"""Which language a notebook is written in: one that is not Python is refused by name, before anything runs."""

from closed_doors.core.errors import MasterError
from closed_doors.notebook.json_files import Notebook


def require_python(notebook: Notebook, name: str) -> None:
    """Return where a notebook is written for Python, or says nothing of its language.

    Raises:
        MasterError: it is written for another kernel.
    """
    language = language_of(notebook)
    if language not in ("", "python"):
        raise MasterError(
            f"{name} is written for a kernel of {language}, and only Python can be graded behind closed doors. "
            "Grade it by hand, or with open doors (c.ClosedDoors.open_doors = True) where there is nothing to protect."
        )


def language_of(notebook: Notebook) -> str:
    """Return the language that a notebook's metadata name, in small letters; empty where they name none."""
    metadata = notebook.get("metadata") or {}
    spec, info = metadata.get("kernelspec") or {}, metadata.get("language_info") or {}
    known = {"ir": "r", "xpython": "python"}
    for found in (spec.get("language"), info.get("name"), spec.get("name")):
        if isinstance(found, str) and found:
            name = found.lower()
            plain = name.split("-")[0].rstrip("0123456789.")
            return known.get(name, "python" if "python" in name or plain == "conda" else plain)
    return ""
