"""What a test runs as code: its own text here, the student's in the student's process, a student's pickle nowhere.

`eval(repr(v)) == v` asks for what a text of the student's gives. Run here, that text could do whatever a test can. So a
text that does not stand in the cell itself is run where it came from, in the notebook where no other names are given;
one of numbers and operators alone is none that could do anything, and is worked out here. That holds for whoever runs
it: a module of the course's, a library that was handed `eval`, and those parts of Python whose task is to run what they
are given. Free are libraries that write code for themselves. A pickle that names a class
or a function, and the examples of a docstring, are refused; so are YAML that names one, and a program that is a file of
the student's. A library that works out formulas is given the cell's own texts, and of the student's those in which only
numbers, operators and names of its own stand.
"""

import ast
import builtins
import contextlib
import functools
import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING

from checks.explain import UnusableValueError
from closed_doors.core.wording import sentence as say
from closed_doors.grading.bridge.pickles import is_library
from closed_doors.grading.bridge.remote_objects import StudentValue
from closed_doors.grading.bridge.shared_files import lies_in_room, speaks_of_files
from closed_doors.grading.protocol.tensor_values import SEEDING
from closed_doors.grading.protocol.wire import Foreign
from closed_doors.notebook.global_names import used_names
from closed_doors.notebook.instructor_code import compiled
from closed_doors.notebook.plan import CELL_FILENAME
from closed_doors.notebook.syntax_trees import texts_in

if TYPE_CHECKING:
    from closed_doors.grading.bridge.examiner_side import Bridge

LONGEST_SUM = 1000  # characters
_PICKLES = re.compile(rf"pickle|joblib|shelve|\bdill\b|\b{SEEDING[0].split('.')[0]}\.load")
_eval, _exec = builtins.eval, builtins.exec
_SUMS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.unaryop)
_FORMULAS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Tuple, ast.List, ast.expr_context)
_MARKS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_HARMLESS = frozenset({"abs", "max", "min", "pow", "round", "sum"})
_NOT_FORMULAS = frozenset(dir(builtins)) - _HARMLESS
_READERS = {  # functions that run a text as code, by the word that a cell which calls them has
    "sympy": (("sympy.parsing.sympy_parser", "parse_expr"), ("sympy.utilities.lambdify", "lambdify")),
    "eval(": (("pandas.core.computation.eval", "eval"),),
    "query(": (("pandas.core.computation.eval", "eval"),),
}
_OURS = frozenset({"checks", "closed_doors"})
# The modules of Python's own that run code which they have written themselves, or texts that were looked at before.
_WRITERS = frozenset({"_frozen_importlib", "_frozen_importlib_external", "collections", "dataclasses", "importlib"})
_WRITERS |= {"inspect", "pytest", "timeit", "typing", "unittest"}
_RUNS = frozenset({"eval", "exec", "exec_"})
_STARTS = ("ctypes.dlopen", "exec", "os.exec", "os.posix_spawn", "os.system", "subprocess.Popen")
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


@dataclass(frozen=True, slots=True)
class _Running:
    """The cell that runs, and where its student's texts go."""

    bridge: "Bridge"
    source: str
    filename: str


_running: list[_Running] = []


@contextmanager
def own_code(source: str, filename: str, bridge: "Bridge") -> Iterator[None]:
    """Let a cell run nothing as code but what stands in it.

    Args:
        source: the cell, in plain Python.
        filename: what tracebacks call it.
        bridge: to the student's process.
    """
    _running.append(_Running(bridge, source, filename))
    try:
        yield
    finally:
        _running.pop()


def watch_code(sources: Iterable[str]) -> None:
    """Watch over what this process runs as code, and over what pickles and docstrings would, where a cell has any.

    Args:
        sources: the instructor's cells.
    """
    vars(builtins).update(eval=_evaluated, exec=_executed)
    text = "\n".join(sources)
    if speaks_of_files(text):
        sys.addaudithook(_refuse_programs)
    if "yaml" in text:
        _watch_yaml()
    if _PICKLES.search(text):
        sys.addaudithook(_refuse_pickles)
    if "timeit" in text:
        _watch_timers()
    if "doctest" in text:
        import doctest

        vars(doctest).update(testmod=_watched(doctest.testmod))
        for kind, name in ((doctest.DocTestFinder, "find"), (doctest.DocTestRunner, "run")):
            setattr(kind, name, _watched(getattr(kind, name)))

    for module, name in {reader for word, readers in _READERS.items() if word in text for reader in readers}:
        _watch_reader(module, name)


def _watch_reader(module: str, name: str) -> None:
    """Let a library's function read no text of the student's that is more than a formula, by whatever name it goes."""
    package = module.partition(".")[0]
    if package != "sympy" and package not in sys.modules:
        return
    own = getattr(importlib.import_module(module), name)
    deeper = "level" in inspect.signature(own).parameters  # how far below the names of the caller are

    def reader(*args: object, **kwargs: Foreign) -> object:
        if not all(map(_is_readable, (*args, *kwargs.values()))):
            raise _refused()
        return own(*args, **(kwargs | {"level": kwargs.get("level", 0) + 1} if deeper else kwargs))

    for holder in [each for known, each in sys.modules.items() if known.partition(".")[0] == package]:
        for known in [known for known, value in vars(holder).items() if value is own]:
            setattr(holder, known, reader)


def _is_readable(argument: object) -> bool:
    if not _running or not isinstance(argument, str):
        return True
    return type(argument) is str and (
        argument in texts_in(_running[-1].source) or _is_made_of(argument, _is_of_formulas)
    )


def _watch_timers() -> None:
    """Let nothing be timed that is more than a formula and stands in no cell of the test's."""
    import timeit

    own = timeit.Timer.__init__

    def watched(self: timeit.Timer, stmt: Foreign = "pass", setup: Foreign = "pass", *more: Foreign) -> None:
        if not all(text == "pass" or _is_readable(text) for text in (stmt, setup)):
            raise _refused()
        own(self, stmt, setup, *more)

    timeit.Timer.__init__ = watched  # type: ignore[method-assign,assignment]


def _watched(own: Callable[..., object]) -> Callable[..., object]:
    def watched(*args: object, **kwargs: object) -> object:
        if _running:
            raise _refused()
        return own(*args, **kwargs)

    return watched


def _refuse_pickles(event: str, _: object) -> None:
    if event == "pickle.find_class" and _running:
        raise _refused()


def _watch_yaml() -> None:
    """Let YAML make nothing but plain values: its other loaders find classes and call them."""
    with contextlib.suppress(ImportError):
        constructor = importlib.import_module("yaml.constructor").FullConstructor
        for name in ("find_python_module", "find_python_name", "make_python_instance"):
            setattr(constructor, name, _watched(getattr(constructor, name)))


def _refuse_programs(event: str, given: tuple[Foreign, ...]) -> None:
    """Refuse to run a file of the submission's folder that is no module of the test's own."""
    if not _running or event not in _STARTS:
        return
    if event == "exec":
        file = getattr(given[0], "co_filename", "<")
        if not file.startswith("<") and lies_in_room(file) and not (file.endswith(".py") and Path(file).is_file()):
            raise _refused()
    elif any(lies_in_room(word) for word in _words(given[:2])):
        raise _refused()


def _words(command: Iterable[object]) -> Iterator[str]:
    """Yield the words of a command that may be files."""
    for part in command:
        if isinstance(part, list | tuple):
            yield from _words(part)
        elif isinstance(part, str | bytes | os.PathLike):
            yield from re.split(r"[\s'\"();<>|&=,]+", os.fsdecode(part))


def _refused() -> UnusableValueError:
    return UnusableValueError(say("bridge.not_run"))


def _evaluated(source: Foreign, own: Foreign = None, inner: Foreign = None, /) -> StudentValue:
    frame = sys._getframe(1)
    if _is_free(source, frame):
        return _eval(source, *_scopes(frame, own, inner))
    if type(source) is not str:
        raise _refused()
    if _is_made_of(source, _is_of_a_sum):
        return _eval(source, {})
    if own is None or own is frame.f_globals:
        return _running[-1].bridge.apply("eval", source)
    if not (isinstance(own, dict) and isinstance(inner, dict | None)):
        raise _refused()
    return _running[-1].bridge.apply("eval", source, _given(own | (inner or {})))


def _executed(source: Foreign, own: Foreign = None, inner: Foreign = None, /, **more: Foreign) -> None:
    frame = sys._getframe(1)
    if _is_free(source, frame):
        _exec(source, *_scopes(frame, own, inner), **more)
        return
    if type(source) is not str or not (own is None or type(own) is dict) or more:
        raise _refused()
    if own is None or own is frame.f_globals:
        _run_in_the_notebook(source, frame.f_globals)
        return
    made = _running[-1].bridge.apply("exec", source, _given(own))
    if type(made) is not dict:
        raise _refused()
    own.update(made)


def _given(names: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in names.items() if not name.startswith("__")}


def _run_in_the_notebook(source: str, names: dict[str, object]) -> None:
    """Run a text among the student's names; the cell then finds those that it asks for, and has not bound itself."""
    running = _running[-1]
    made = running.bridge.apply("run", source)
    for name in used_names(running.source) & set(made if type(made) is list else ()):
        if name not in names and not hasattr(builtins, name):
            names[name] = running.bridge.value_of(name)


def _is_free(source: object, frame: FrameType) -> bool:
    """Whether code may run here: a library's, or one that the cell itself holds."""
    return not _running or _is_a_librarys(frame) or _is_the_cells(source, frame)


def _is_a_librarys(frame: FrameType) -> bool:
    """Whether a library runs code of its own, and not by an `eval` that it was handed."""
    module = frame.f_globals.get("__name__")
    if frame.f_code.co_filename.startswith(CELL_FILENAME) or not isinstance(module, str):
        return False
    root = module.partition(".")[0]
    if root in _OURS or root in sys.stdlib_module_names:
        return root in _OURS | _WRITERS
    return is_library(module) and not _RUNS.isdisjoint(frame.f_code.co_names)


def _is_the_cells(source: object, frame: FrameType) -> bool:
    """Whether a text is one that stands in the cell, or where it is run: the very object, as an equal one may come."""
    if type(source) is not str or len(source) < 2:  # a single letter is one object wherever it came from
        return False
    running = _running[-1]
    return any(text is source for text in (*_texts_of(running.source, running.filename), *_texts(frame.f_code)))


@functools.lru_cache(maxsize=64)
def _texts_of(source: str, filename: str) -> tuple[str, ...]:
    """Return the texts that a cell's code holds."""
    return tuple(text for code in compiled(source, filename) if code is not None for text in _texts(code))


def _texts(held: object) -> Iterator[str]:
    """Yield the texts that code holds as constants, those in tuples and in functions among them."""
    match held:
        case str():
            yield held
        case CodeType(co_consts=inside) | (tuple() | frozenset() as inside):
            for each in inside:
                yield from _texts(each)


def _scopes(frame: FrameType, own: Foreign, inner: Foreign) -> tuple[Foreign, Foreign]:
    if own is None:
        return frame.f_globals, frame.f_locals if inner is None else inner
    return own, own if inner is None else inner


def _is_made_of(text: str, harmless: Callable[[ast.AST], bool]) -> bool:
    """Whether a text is short, and made of harmless pieces alone."""
    try:
        nodes = list(ast.walk(ast.parse(text.strip(), mode="eval"))) if len(text) <= LONGEST_SUM else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(nodes) and all(map(harmless, nodes))


def _is_of_a_sum(node: ast.AST) -> bool:
    """Whether a piece is a number or a plain operator."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | complex)
    return isinstance(node, (*_SUMS, *_OPERATORS))


def _is_of_formulas(node: ast.AST) -> bool:
    """Whether a piece is a number, an operator, a name that is not Python's own, or a call of one."""
    match node:
        case ast.Constant():
            return isinstance(node.value, int | float | complex)
        case ast.Name():
            return node.id not in _NOT_FORMULAS and not node.id.startswith("_")
        case ast.Call():
            return isinstance(node.func, ast.Name) and not node.keywords
        case _:
            return isinstance(node, (*_FORMULAS, *_MARKS))
