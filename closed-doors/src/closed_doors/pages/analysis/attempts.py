"""What in a submission looks like an attempt on the grading, for a person to look at.

Closed doors make every attempt worthless; this only names those that show in the source. It knows constructs that
honest answers to these exercises do not need, each with the reason to look, and it quotes the line. It proves nothing:
a curious student may have tried something out of interest.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from closed_doors.core.wording import Wording
from closed_doors.notebook.cell import Cell, Role, cell_of, cells_of
from closed_doors.notebook.json_files import Notebook

MOST_ATTEMPTS = 12

_PROCESS = "attempt.process"
_MEMORY = "attempt.memory"
_INTERPRETER = "attempt.interpreter"
_NETWORK = "attempt.network"
_FILES = "attempt.files"
_REPLACES = "attempt.replaces"
_PRETENDS = "attempt.pretends"
_ENVIRONMENT = "attempt.environment"

_MODULES = {
    "ctypes": _MEMORY,
    "mmap": _MEMORY,
    "resource": _PROCESS,
    "signal": _PROCESS,
    "multiprocessing": _PROCESS,
    "pty": _PROCESS,
    "socket": _NETWORK,
    "subprocess": _NETWORK,
    "urllib": _NETWORK,
    "requests": _NETWORK,
    "http": _NETWORK,
    "gc": _INTERPRETER,
    "inspect": _INTERPRETER,
    "linecache": _INTERPRETER,
    "importlib": _INTERPRETER,
    "builtins": _INTERPRETER,
    "atexit": _INTERPRETER,
    "pickle": _INTERPRETER,
    "grading": _INTERPRETER,
    "nbgrader": _INTERPRETER,
}
_CALLS = {
    "os": dict.fromkeys(
        (
            *("_exit", "abort", "kill", "killpg", "fork", "forkpty", "execv", "execve", "setsid", "getppid"),
            *("close", "dup2"),
        ),
        _PROCESS,
    )
    | dict.fromkeys(("system", "popen", "posix_spawn"), _NETWORK)
    | dict.fromkeys(("environ", "getenv", "environb"), _ENVIRONMENT)
    | dict.fromkeys(("memfd_create", "write", "shm_open"), _MEMORY),
    "sys": dict.fromkeys(
        ("_getframe", "settrace", "setprofile", "modules", "meta_path", "displayhook", "excepthook", "path_hooks"),
        _INTERPRETER,
    )
    | {"exit": _PROCESS},
}
_ATTRIBUTES = {
    *(
        "input_transformers_post",
        "input_transformers_cleanup",
        "ast_transformers",
        "run_cell",
        "showtraceback",
        "kernel",
        "events",
    ),
    *("set_custom_exc", "display_formatter", "displayhook", "__globals__", "f_globals", "f_back", "f_locals"),
    *("__subclasses__", "__code__", "gi_frame", "tb_frame", "_showtraceback", "execution_count"),
}
_NAMES = dict.fromkeys(
    ("exit", "quit", "__build_class__", "__import__", "__builtins__", "exec", "eval", "compile"), _INTERPRETER
) | {"exit": _PROCESS, "quit": _PROCESS, "KeyboardInterrupt": _PROCESS, "SystemExit": _PROCESS}
_METHODS = {
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__array__", "__array_ufunc__", "__array_function__"),
    *("__torch_function__", "__class__", "__instancecheck__", "__hash__", "__reduce__", "__bool__", "__getattribute__"),
}
_LIBRARIES = frozenset({"np", "numpy", "torch", "sys", "builtins", "pytest", "checks", "attention"})
_PLACES = re.compile(
    r"^/(?!$)|\.\./|gradebook|/proc/|/dev/|\bsource/|\bsubmitted\b|\bautograded\b|timestamp\.txt|sitecustomize"
    r"|\.pth$|ipython.*startup|HIDDEN TESTS|BEGIN SOLUTION",
    re.IGNORECASE,
)
_TAGS = {"skip-execution", "raises-exception", "demo"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing to look at.

    Attributes:
        why: the reason, by its code in the wording.
        line: the line that it was seen in; of a cell's metadata, what stands there.
        place: the wording's code for where in the file it was seen; empty where the line says it.
        cell: the grade_id of the cell; empty where it has none.
    """

    why: str
    line: str
    place: str = ""
    cell: str = ""

    def said(self, words: Wording) -> str:
        """Return what was seen, as a sentence without an end."""
        where = words.say(self.place, cell=self.cell) if self.place else ""
        return words.say("punctuation.colon").join(filter(None, (words.say(self.why), where, self.line)))


def attempts_in(cells: Iterable[tuple[str, str]]) -> list[Attempt]:
    """Return what shows in a student's code cells.

    Args:
        cells: kind and source of the cells that a student wrote.
    """
    found: dict[tuple[str, str], Attempt] = {}
    for kind, source in cells:
        if kind == "code":
            for attempt in _scanned(source):
                found.setdefault((attempt.why, attempt.line), attempt)
    return list(found.values())[:MOST_ATTEMPTS]


def attempts_on_the_file(master: Notebook, submitted: object) -> list[Attempt]:
    """Return what shows in the file handed in, before it was rebuilt: tags and points that the release does not have.

    Args:
        master: the instructor's notebook.
        submitted: the file's JSON, of bounded depth, from anybody.
    """
    ours = {cell.grade_id: cell for cell in cells_of(master) if cell.grade_id}
    cells = submitted.get("cells") if isinstance(submitted, dict) else None
    found: list[Attempt] = []
    for data in cells if isinstance(cells, list) else []:
        if isinstance(data, dict):
            cell = cell_of(data)
            known = ours.get(cell.grade_id)
            found += _new_tags(cell, known)
            found += _changes(cell, known) if known is not None else ()
    return list(dict.fromkeys(found))[:MOST_ATTEMPTS]


def _new_tags(cell: Cell, known: Cell | None) -> Iterator[Attempt]:
    allowed = known.tags if known else ()
    place, name = ("attempt.in_cell", cell.grade_id) if known else ("attempt.in_added_cell", "")
    for tag in sorted(_TAGS.intersection(cell.tags).difference(allowed)):
        yield Attempt("attempt.tag", tag, place, name)


def _changes(cell: Cell, known: Cell) -> Iterator[Attempt]:
    """Yield what differs from the master in a cell that it has."""
    if cell.kind != known.kind:
        yield Attempt("attempt.type_changed", cell.kind[:200], "attempt.in_cell", cell.grade_id)
    pairs = {
        "points": (cell.stated_points, known.stated_points),
        "grade": (cell.is_graded, known.is_graded),
        "solution": (cell.is_answer, known.is_answer),
        "locked": (cell.is_locked, known.is_locked),
    }
    for name, (theirs, ours) in pairs.items():
        if theirs != ours:
            yield Attempt("attempt.marks_changed", name, "attempt.in_cell", cell.grade_id)
    if known.role is Role.GRADING and not cell.source.strip():
        yield Attempt("attempt.check_emptied", "", "attempt.in_cell", cell.grade_id)


@lru_cache(maxsize=4096)
def _scanned(source: str) -> tuple[Attempt, ...]:
    tree = _parsed(source)
    if tree is None:
        return ()
    lines = source.splitlines()
    nodes = list(ast.walk(tree))
    libraries = _LIBRARIES.union(*(_imported(node) for node in nodes))
    found = []
    for node in nodes:
        for why in _reasons(node, libraries):
            number = getattr(node, "lineno", 1)
            line = lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""
            found.append(Attempt(why, line))
    return tuple(found)


def _imported(node: ast.AST) -> set[str]:
    """Return what a cell calls the libraries that it imports."""
    match node:
        case ast.Import(names=names):
            return {alias.asname or alias.name.split(".")[0] for alias in names}
        case ast.ImportFrom(module="numpy" | "torch", names=names):
            return {alias.asname or alias.name for alias in names}
    return set()


def _reasons(node: ast.AST, libraries: frozenset[str]) -> Iterator[str]:
    match node:
        case ast.Import():
            yield from (_MODULES[name] for alias in node.names if (name := alias.name.split(".")[0]) in _MODULES)
        case ast.ImportFrom():
            module = (node.module or "").split(".")[0]
            if module in _MODULES:
                yield _MODULES[module]
            elif module in _CALLS:
                yield from (_CALLS[module][alias.name] for alias in node.names if alias.name in _CALLS[module])
        case ast.Attribute(value=ast.Name(id=module)) if node.attr in _CALLS.get(module, ()):
            yield _CALLS[module][node.attr]
        case ast.Attribute() if node.attr in _ATTRIBUTES:
            yield _INTERPRETER
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=name), *_]) if name in _ATTRIBUTES:
            yield _INTERPRETER
        case ast.Name() if isinstance(node.ctx, ast.Load) and node.id in _NAMES:
            yield _NAMES[node.id]
        case ast.Constant(value=str(text)) if len(text) < 300 and _PLACES.search(text):
            yield _FILES
        case ast.ClassDef() if _METHODS & _defined(node):
            yield _PRETENDS
        case ast.FunctionDef(name="run_tests"):
            yield _REPLACES
        case ast.Call(func=ast.Name(id="setattr"), args=[target, *_]) if _root(target) in libraries:
            yield _REPLACES
        case ast.Assign(targets=targets) if any(_replaces(target, libraries) for target in targets):
            yield _REPLACES
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) if _replaces(target, libraries):
            yield _REPLACES


def _defined(node: ast.ClassDef) -> set[str]:
    """Return the methods of a class, also those that are assigned."""
    names = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
    for child in node.body:
        if isinstance(child, ast.Assign):
            names |= {target.id for target in child.targets if isinstance(target, ast.Name)}
    return names


def _replaces(target: ast.expr, libraries: frozenset[str]) -> bool:
    """Whether something of a library, or a name that stands for one, is given another value."""
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return any(_replaces(part, libraries) for part in parts)
        case ast.Name(id=name):
            return name in ("run_tests", "np", "numpy", "torch")
        case ast.Attribute():
            return _root(target) in libraries
    return False


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _parsed(source: str) -> ast.Module | None:
    if len(source) > 200_000:
        return None
    lines = ("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a student's own backslashes
            return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
