"""Turns a rebuilt notebook into the steps of grading it: which cell is the student's, which is trusted."""

import ast
import functools
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from checks.collect import hidden_lines
from closed_doors.notebook.cell import DEMO_TAG as DEMO_TAG
from closed_doors.notebook.cell import Cell, answers_of, cells_of
from closed_doors.notebook.cell import Role as Role
from closed_doors.notebook.global_names import (
    bound_names,
    classes_defined,
    defined_names,
    deleted_names,
    names_changed,
    names_told,
    objects_made,
    used_names,
)
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.syntax_trees import tree_of
from closed_doors.notebook.visible_parts import bound_values, read_from_before, visible_until

CELL_FILENAME = "<cell "  # how what tracebacks call a cell begins


@dataclass(frozen=True, slots=True)
class Step:
    """One code cell to run.

    Attributes:
        index: the cell's position in the rebuilt notebook.
        role: who wrote it.
        source: its code.
        grade_id: nbgrader's name for it; empty for a cell that the student added.
        points: what a grading cell is worth.
        public: code for the other side. Of a grading cell, the imports and definitions that the student version
            shows, which the student's own cells may use; of an answer, the libraries that the master's solution
            imports, which later trusted cells may use.
        student_names: the global names that the master's solutions have defined so far, or whose objects they have
            changed in place; a trusted cell that uses one means the student's.
        read_names: the global names that the master's solutions so far read without defining them; a test that binds
            one of them gives it to the student's code.
        inside: whether it is a grading cell that runs in the student's process, as the course says.
        visible: of a grading cell that binds what later answers read, what students see of it, so far.
    """

    index: int
    role: Role
    source: str
    grade_id: str = ""
    points: float = 0.0
    public: str = ""
    student_names: tuple[str, ...] = ()
    read_names: tuple[str, ...] = ()
    inside: bool = False
    visible: str = ""

    @property
    def filename(self) -> str:
        """What tracebacks call the cell; the same in every submission for a cell of the master."""
        return f"{CELL_FILENAME}{self.grade_id or self.index + 1}>"

    @property
    def is_own(self) -> bool:
        """Whether the student added the cell."""
        return self.role is Role.ANSWER and not self.grade_id


def opening(steps: Sequence[Step]) -> list[Step]:
    """Return the lesson cells that stand before every answer and grading cell of the master."""
    theirs = (step for step in steps if not step.is_own)
    return list(itertools.takewhile(lambda step: step.role is Role.LESSON, theirs))


def plan(master: Notebook, rebuilt: Notebook, inside: Collection[str] = ()) -> list[Step]:
    """Return the code cells of a rebuilt notebook in order, without the lesson's demonstrations.

    Args:
        master: the instructor's notebook, solutions in place.
        rebuilt: the master with a student's answers in it (see `rebuild`).
        inside: the grade_ids of grading cells that run in the student's process.
    """
    solutions = {cell.grade_id: cell.source for cell in answers_of(master)}
    names: set[str] = set()
    read: set[str] = set()
    modules: set[str] = set()
    made: set[str] = set()  # the names of the lesson's objects that methods change
    classes = frozenset[str]()  # that the lesson defines
    steps = []
    later = _read_later(cells_of(rebuilt), solutions)
    for index, cell in enumerate(cells_of(rebuilt)):
        if not cell.is_code or cell.is_demo:
            continue
        role, public, points = Role.LESSON, "", 0.0
        solution = solutions.get(cell.grade_id, "") if cell.role in (Role.OWN, Role.ANSWER) else cell.source
        modules |= _names_imported(solution)
        match cell.role:
            case Role.OWN | Role.ANSWER:
                role = Role.ANSWER
                public, defined = _solution(solution)
                names |= defined | (_changed(solution) - modules) | (made & _told(solution))
                read |= _read(solution)
            case Role.LESSON:
                python = ast.unparse(_parsed(cell.source))
                classes |= classes_defined(python)
                made |= objects_made(python, classes)
            case Role.GRADING:
                role, points, public = Role.GRADING, cell.points, _shown_definitions(cell.source)
        known = tuple(sorted(names)), tuple(sorted(read - names))
        within = role is Role.GRADING and cell.grade_id in inside
        visible = visible_until(cell.source, later[index] - names) if role is Role.GRADING else ""
        steps.append(Step(index, role, cell.source, cell.grade_id, points, public, *known, within, visible))
    return steps


def _read_later(cells: Sequence[Cell], solutions: Mapping[str, str]) -> list[frozenset[str]]:
    """Return for each cell which names the answers after it, and the master's own, take from before them."""
    found = [frozenset[str]()]
    binding = any(bound_values(cell.source) for cell in cells if cell.is_code and cell.role is Role.GRADING)
    for cell in reversed(cells):
        read = frozenset[str]()
        if binding and cell.is_code and cell.role in (Role.OWN, Role.ANSWER):
            read = read_from_before(cell.source) | read_from_before(solutions.get(cell.grade_id, ""))
        found.append(found[-1] | read)
    return found[-2::-1]


def trusted_imports(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the modules that the instructor's cells import, hidden tests included: every submission needs them."""
    sources = (step.source for step in steps if step.role is not Role.ANSWER)
    return tuple(sorted(frozenset().union(*map(_imported, sources))))


@functools.lru_cache(maxsize=8192)
def _imported(source: str) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return frozenset(found)


@functools.lru_cache(maxsize=8192)
def _shown_definitions(source: str) -> str:
    hidden = hidden_lines(source.splitlines(keepends=True))
    shown = [line for number, line in enumerate(source.splitlines(), start=1) if number not in hidden]
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = _parsed("\n".join(shown)).body
    return _unparsed(node for at, node in enumerate(body) if isinstance(node, kinds) and _stays(node, body[at + 1 :]))


def _stays(node: ast.stmt, rest: Sequence[ast.stmt]) -> bool:
    """Whether what a statement defines is still there at the end of its cell: a test may put back what it replaced."""
    name = getattr(node, "name", None)
    after = ast.unparse(ast.Module([*rest], []))
    return name is None or name not in bound_names(after) | deleted_names(after)


@functools.lru_cache(maxsize=8192)
def _parsed(source: str) -> ast.Module:
    """Parse a cell without its magics; a cell that is not Python at all is empty."""
    return tree_of(source) or ast.Module([], [])


def _unparsed(nodes: Iterator[ast.stmt]) -> str:
    return "\n".join(map(ast.unparse, nodes))


@functools.lru_cache(maxsize=8192)
def _read(source: str) -> frozenset[str]:
    """Return the global names that a solution reads, in whatever function."""
    return used_names(ast.unparse(_parsed(source)))


@functools.lru_cache(maxsize=8192)
def _changed(source: str) -> frozenset[str]:
    """Return the global names whose objects a solution changes in place: what they hold is the student's work."""
    return names_changed(ast.unparse(_parsed(source)))


@functools.lru_cache(maxsize=8192)
def _told(solution: str) -> frozenset[str]:
    return names_told(ast.unparse(_parsed(solution)))


@functools.lru_cache(maxsize=8192)
def _names_imported(source: str) -> frozenset[str]:
    nodes = (node for node in ast.walk(_parsed(source)) if isinstance(node, ast.Import | ast.ImportFrom))
    return frozenset((alias.asname or alias.name).split(".")[0] for node in nodes for alias in node.names)


@functools.lru_cache(maxsize=8192)
def _solution(source: str) -> tuple[str, frozenset[str]]:
    """Return a solution's imports of libraries, and the global names that it assigns, defines or imports otherwise.

    What it takes from a module beside the notebook is the student's to import, with all that the module holds.
    """
    tree = _parsed(source)
    found = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    beside = [node for node in found if _is_beside(node)]
    names = set(defined_names(ast.unparse(tree)))
    names |= {(alias.asname or alias.name).split(".")[0] for node in beside for alias in node.names}
    return _unparsed(node for node in found if node not in beside), frozenset(names - {"*"})


def _is_beside(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether a statement imports from modules that are installed nowhere: they lie beside the notebook."""
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return all(module and find_spec(module.split(".")[0]) is None for module in modules)
