"""The read-me: how a student installs and opens an assignment, in lines that can be copied on each system."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from closed_doors.core.wording import Wording

REQUIREMENTS = "requirements.txt"
ENVIRONMENT = "env"
INDENT = 7 * " "
# Debian and Ubuntu leave venv out of Python. A full path to the interpreter needs no activation, which PowerShell
# refuses by default.
DEBIAN = "sudo apt update && sudo apt install -y python3-venv"
UNIX_PYTHON = f"{ENVIRONMENT}/bin/python"
WINDOWS_PYTHON = f"{ENVIRONMENT}\\Scripts\\python"


@dataclass(frozen=True, slots=True)
class Handout:
    """What the read-me speaks of.

    Attributes:
        assignment: its name.
        notebooks: their file names.
        packages: the course's packages that lie beside them.
        stub: what marks the place of an answer.
        python: bounds of Python's version.
        libraries: the lines of requirements.txt.
        indexes: where a build of a library for processors alone is found, by the library's name. Linux needs it:
            there the ordinary build is for graphics cards, and several times larger.
    """

    assignment: str
    notebooks: Sequence[str]
    packages: Sequence[str]
    stub: str
    python: SpecifierSet
    libraries: Sequence[str]
    indexes: Mapping[str, str]


def read_me(handout: Handout, words: Wording) -> str:
    """Return its text."""
    title = words.say("student_zip.title", assignment=handout.assignment)
    program = words.say("student_zip.program")
    return words.say(
        "student_zip.text",
        title=title,
        rule="=" * len(title),
        packages=_listed(words, handout.packages) or words.say("student_zip.no_package"),
        package=next(iter(handout.packages), "…"),
        handed_in=_listed(words, handout.notebooks),
        stub=handout.stub,
        python=_in_words(handout.python, words),
        linux=_lines([DEBIAN, f"python3 -m venv {ENVIRONMENT}", *_pip(UNIX_PYTHON, handout, small_builds=True)]),
        macos=_lines([f"python3 -m venv {ENVIRONMENT}", *_pip(UNIX_PYTHON, handout, small_builds=False)]),
        windows=_lines([f"py -m venv {ENVIRONMENT}", *_pip(WINDOWS_PYTHON, handout, small_builds=False)]),
        uv=_lines([f"uv venv {ENVIRONMENT}", *_uv(handout)]),
        unix_open=_lines([f"{UNIX_PYTHON} -m jupyterlab {next(iter(handout.notebooks), '')}"]),
        windows_open=_lines([f"{WINDOWS_PYTHON} -m jupyterlab {next(iter(handout.notebooks), '')}"]),
        doctor=_lines([f"python3 {program}"]),
        windows_doctor=f"py {program}",
    )


def _lines(commands: Iterable[str]) -> str:
    return "\n".join(f"{INDENT}{command}" for command in commands)


def _pip(python: str, handout: Handout, small_builds: bool) -> Iterator[str]:
    """Yield what installs everything, a command each."""
    if small_builds:
        yield from (f"{python} -m pip install {build}" for build in _small_builds(handout))
    yield f"{python} -m pip install -r {REQUIREMENTS}"


def _uv(handout: Handout) -> Iterator[str]:
    for what in (*_small_builds(handout), f"-r {REQUIREMENTS}"):
        yield f"uv pip install --python {ENVIRONMENT} {what}"


def _small_builds(handout: Handout) -> Iterator[str]:
    needed = {Requirement(line).name for line in handout.libraries}
    for library, index in handout.indexes.items():
        if library in needed:
            yield f"{library} --index-url {index}"


def _listed(words: Wording, names: Sequence[str]) -> str:
    return functools.reduce(lambda first, second: words.say("page.and", first=first, second=second), names or ("",))


def _in_words(bounds: SpecifierSet, words: Wording) -> str:
    """Say which Python is needed: in words where there is a lower bound alone."""
    (*others, bound) = sorted(bounds, key=str) or (None,)
    if bound is not None and bound.operator == ">=" and not others:
        return words.say("student_zip.python_from", version=bound.version)
    return f"Python {str(bounds) or 3}"
