"""Says what an installation lacks, before the notebook's first cell does.

It is a program beside the notebook: it uses the standard library only, and no other module of this package. A Python
that is too old must be able to read it to its end: its syntax is Python 3.8's. What it says, in the course's language,
the release writes into it (`closed_doors.authoring.publish.installation_program`).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Iterator, NamedTuple  # noqa: UP035  (Python 3.8)

SENTENCES: dict[str, str] = {}  # by code
NEEDED_GB = 2
REQUIREMENTS = "requirements.txt"


class Library(NamedTuple):
    """A library to install.

    Attributes:
        name: as pip knows it.
        least: the least version, empty where any will do.
    """

    name: str
    least: str


class Needs(NamedTuple):
    """What an assignment needs.

    Attributes:
        python: the least version of Python, empty where any will do.
        files: files and folders that must lie beside requirements.txt.
        libraries: the libraries.
    """

    python: str
    files: tuple[str, ...]
    libraries: tuple[Library, ...]


def needs(requirements: str) -> Needs:
    """Read what an assignment needs.

    Args:
        requirements: the text of requirements.txt; the two facts that pip does not read there are comments: Python's
            version, and, after a word and a colon, what must lie beside it.
    """
    python = re.search(r"^# Python .*?>=\s*([\d.]+)", requirements, re.MULTILINE)
    files = re.search(r"^# \w+: (.*)$", requirements, re.MULTILINE)
    lines = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:.*?>=\s*([\w.]+))?", requirements, re.MULTILINE)
    return Needs(
        python[1] if python else "",
        tuple(files[1].split()) if files else (),
        tuple(Library(name, least) for name, least in lines),
    )


def missing(folder: Path) -> list[str]:
    """Return what the installation for an assignment lacks, a sentence each.

    Args:
        folder: the notebook's folder.
    """
    path = folder / REQUIREMENTS
    if not path.is_file():
        return [_say("installation.no_requirements", file=REQUIREMENTS, folder=folder)]
    wanted = needs(path.read_text(encoding="utf-8"))
    said = [*_python(wanted.python), *_files(folder, wanted.files)]
    if said and _older(sys.version.split()[0], wanted.python):
        return said
    return [*said, *_libraries(wanted.libraries)]


def _python(least: str) -> Iterator[str]:
    here = sys.version.split()[0]
    if least and _older(here, least):
        yield _say("installation.old_python", least=least, python=sys.executable, here=here)


def _files(folder: Path, files: tuple[str, ...]) -> Iterator[str]:
    absent = [name for name in files if not (folder / name).exists()]
    if absent:
        yield _say("installation.no_files", files=", ".join(absent))


def _libraries(libraries: tuple[Library, ...]) -> Iterator[str]:
    absent = [library.name for library in libraries if not _version(library.name)]
    old = [each for each in libraries if each.least and _version(each.name) and _older(_version(each.name), each.least)]
    if absent and sys.prefix == sys.base_prefix:
        yield from _before_installing(absent)
        return
    if absent:
        yield _say("installation.no_libraries", libraries=", ".join(absent), python=sys.executable, file=REQUIREMENTS)
    for library in old:
        facts = {"library": library.name, "version": _version(library.name), "least": library.least}
        yield _say("installation.old_library", python=sys.executable, file=REQUIREMENTS, **facts)
    for library in libraries:
        if library.name not in absent and (problem := _problem(library.name)):
            yield _say("installation.does_not_load", library=library.name, problem=problem)


def _before_installing(absent: list[str]) -> Iterator[str]:
    """Say what there is to do with a Python that lacks something, and is not that of the folder env."""
    environment = Path("env", "Scripts" if os.name == "nt" else "bin", "python")
    if environment.with_suffix(".exe" if os.name == "nt" else "").exists():
        yield _say("installation.other_python", python=environment, program=Path(sys.argv[0]).name)
        return
    yield _say("installation.not_installed", libraries=", ".join(absent))
    if importlib.util.find_spec("ensurepip") is None:
        yield _say("installation.no_venv")
    free = shutil.disk_usage(".").free / 1e9
    if free < NEEDED_GB:
        yield _say(
            "installation.disk_full",
            free=f"{free:.1f}".replace(".", _say("installation.decimal_mark")),
            needed=NEEDED_GB,
        )


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _problem(library: str) -> str:
    """Return what an installed library says when it does not load; empty where it does."""
    name = library.replace("-", "_")
    if importlib.util.find_spec(name) is None:
        return ""
    try:
        importlib.import_module(name)
    except Exception as error:  # a compiled library may fail in any way
        text = " ".join(str(error).split())[:300]
        if os.name == "nt" and isinstance(error, OSError):
            return _say("installation.visual_c", text=text)
        return f"{type(error).__name__}, {text}"
    return ""


def _older(version: str, least: str) -> bool:
    """Whether a version comes before another; what is no number does not count."""
    numbers = [tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:3]) for text in (version, least)]
    return numbers[0] < numbers[1]


def _say(code: str, **facts: object) -> str:
    return SENTENCES[code].format(**facts)


def main() -> int:
    """Show what the assignment lacks that this program lies beside; return 1 where it lacks something."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    said = missing(Path(__file__).resolve().parent)
    if not said:
        print(_say("installation.complete"))  # noqa: T201
        return 0
    for sentence in said:
        print(f"- {sentence}")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
