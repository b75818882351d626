"""The course's own modules are no answers: what an assignment does not hand out is nowhere in its sandbox."""

from functools import cache
from typing import Any

import pytest
from tests.conftest import ROOT

from closed_doors.core.layout import Layout
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.notebook.imports import definitions
from closed_doors.notebook.json_files import parse
from closed_doors.notebook.plan import Role, Step, plan
from closed_doors.notebook.rebuild import rebuild

pytestmark = pytest.mark.timeout(300)
PACKAGE = ROOT / "src" / "attention"
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
# Each finds a function or a class of the course's modules by its name, and returns None where there is none.
WAYS = {
    "import": """
def found(name):
    for module in {modules}:
        try:
            exec(f"from attention.{{module}} import {{name}} as it", globals())
            return it
        except ImportError:
            pass
""",
    "importlib": """
import importlib
def found(name):
    for module in {modules}:
        try:
            return getattr(importlib.import_module(f"attention.{{module}}"), name)
        except (ImportError, AttributeError):
            pass
""",
    "sys.modules": """
import sys
def found(name):
    for module in list(sys.modules.values()):
        if "attention." in getattr(module, "__name__", "") and name in vars(module):
            return vars(module)[name]
""",
    "pkgutil and the package's attributes": """
import attention, importlib, pkgutil
def found(name):
    for info in pkgutil.walk_packages(attention.__path__, "attention."):
        if hasattr(importlib.import_module(info.name), name):
            return getattr(importlib.import_module(info.name), name)
    for module in vars(attention).values():
        if hasattr(module, name):
            return getattr(module, name)
""",
    "the garbage collector and subclasses": """
import gc, torch
def every(kind):
    for sub in kind.__subclasses__():
        yield sub
        yield from every(sub)
def found(name):
    gc.unfreeze()
    for thing in [*gc.get_objects(), *every(torch.nn.Module)]:
        if isinstance(thing, (type(found), type)) and (thing.__name__, thing.__module__[:10]) == (name, "attention."):
            return thing
""",
    "files": """
import os, sys
if "texts" not in globals():
    texts = []
    for top in [*sys.path, ".", "/home", "/tmp"]:
        for folder, folders, files in os.walk(top):
            folders[:] = [each for each in folders if folder.count(os.sep) - top.count(os.sep) < 3]
            if os.path.basename(folder) == "attention":
                texts += [open(os.path.join(folder, file), errors="replace").read() for file in files]
def found(name):
    for text in texts:
        if f"def {{name}}(" in text or f"class {{name}}(" in text or f"class {{name}}:" in text:
            scope = {{"__name__": "stolen"}}
            exec(text.replace("from .", "from attention."), scope)
            return scope[name]
""",
}


@cache
def material(assignment: str) -> tuple[Any, Any]:
    folder = ROOT / "source" / assignment
    path = next(folder.glob("*.ipynb"))
    return parse(path.read_bytes()), parse((ROOT / "release" / assignment / path.name).read_bytes())


def stolen(assignment: str, way: str) -> list[Step]:
    """Return a submission whose every answer is whatever the course's modules define under the name asked for."""
    master, released = material(assignment)
    steps = plan(master, rebuild(master, released).notebook)
    search = WAYS[way].format(modules=MODULES)
    answers = {
        cell["metadata"]["nbgrader"]["grade_id"]: definitions(cell["source"])
        for cell in master["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }
    return [
        Step(**{**fields(step), "source": answer(search, answers[step.grade_id])})
        if step.role is Role.ANSWER and step.grade_id
        else step
        for step in steps
    ]


def answer(search: str, names: Any) -> str:
    lines = (f"it = found({name!r})\nif it is not None: {name} = it; print('trouvé', {name!r})" for name in names)
    return "\n".join((search, *lines))


def fields(step: Step) -> dict[str, Any]:
    return {name: getattr(step, name) for name in Step.__slots__}


def points(graded: Graded) -> float:
    return sum(verdict.earned for verdict in graded.verdicts.values())


@pytest.fixture(scope="module", autouse=True)
def _every_assignment_was_graded_before(zygote: Zygote) -> None:
    """What one assignment's sandboxes have imported must be in no other's."""
    for assignment in Layout(ROOT).assignments():
        master, _ = material(assignment)
        steps = plan(master, rebuild(master, master).notebook)
        graded = grade(zygote, steps, Deadlines(), files=handed_out(ROOT, assignment), solved=steps)
        assert points(graded) == sum(step.points for step in steps)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("assignment", Layout(ROOT).assignments())
def test_a_solution_that_lies_in_the_package_earns_nothing(assignment: str, way: str, zygote: Zygote) -> None:
    """By import, importlib, sys.modules, pkgutil, the garbage collector or the file itself: 0 points, nothing found."""
    graded = grade(zygote, stolen(assignment, way), Deadlines(), files=handed_out(ROOT, assignment))
    assert graded.complete
    assert "trouvé" not in str(graded.outputs)
    assert points(graded) == 0


@pytest.mark.parametrize("assignment", Layout(ROOT).assignments())
def test_what_is_handed_out_is_there(assignment: str, zygote: Zygote) -> None:
    """Every module that a notebook imports can be imported in its sandbox, read as a file, and no other can."""
    master, released = material(assignment)
    files = handed_out(ROOT, assignment)
    theirs = {path.split("/")[1].removesuffix(".py") for path, _ in files.modules if path.startswith("attention/")}
    look = (
        "import importlib, pathlib\n"
        f"for name in {MODULES}:\n"
        "    try:\n"
        "        module = importlib.import_module(f'attention.{name}')\n"
        "        print('oui', name, pathlib.Path(module.__file__).stat().st_size)\n"
        "    except ModuleNotFoundError:\n"
        "        print('non', name)\n"
    )
    for place in (0, -1):  # before the lesson has imported anything, and after all
        submitted = {**released, "cells": list(released["cells"])}
        own = {"cell_type": "code", "id": "own", "metadata": {}, "source": look, "outputs": [], "execution_count": None}
        submitted["cells"].insert(place if place == 0 else len(submitted["cells"]), own)
        graded = grade(zygote, plan(master, rebuild(master, submitted).notebook), Deadlines(), files=files)
        said = next(text for text in map(str, graded.outputs.values()) if "oui" in text)
        for name in MODULES:
            word = "oui" if name in theirs else "non"
            assert f"{word} {name}" in said, (name, said)
