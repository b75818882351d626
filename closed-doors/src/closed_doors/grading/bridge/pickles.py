"""Objects of libraries as arguments: pickled by the examiner, unpickled by the student's process, never back.

A graph, a picture, a random generator or NumPy's sine has no plain form here. The student's process may unpickle what
the examiner sends it, since it runs whatever it likes anyway. What is the test's own inside of such an object (a
function, an instance of a class of a cell) does not go along: it stays, and is called back.
"""

import importlib
import io
import pickle
import sys
from collections.abc import Callable
from types import FunctionType, ModuleType

from closed_doors.grading.protocol.wire import CannotCrossError

_OWN = frozenset({"__main__", "closed_doors", "checks", "_pytest", "pytest", "io", "_io", "unittest"})
_FOLDERS = ("site-packages", "dist-packages")


def is_of_a_library(value: object) -> bool:
    """Whether an object is an instance, a function or a class of a library that is installed where grading runs."""
    if isinstance(value, ModuleType):
        return is_library(value.__name__)
    named = isinstance(value, type) or hasattr(value, "__qualname__")
    module = getattr(value if named else type(value), "__module__", None)
    return isinstance(module, str) and is_library(module) and not hasattr(type(value), "__next__")


def is_library(module: str) -> bool:
    """Whether a module, by its name, is Python's own or of a library that is installed where grading runs."""
    root = module.split(".")[0]
    if root in _OWN:
        return False
    place = getattr(sys.modules.get(root), "__file__", None) or ""
    return root in sys.stdlib_module_names or any(folder in place for folder in _FOLDERS)


def loaded_class(name: str) -> object:
    """Return a class of a library that this process has loaded, by its name and its module's; None of another name."""
    module, _, plain = name.rpartition(".")
    found = sys.modules.get(module)
    return vars(found).get(plain) if found is not None and is_library(module) else None


def pickled(value: object, aside: Callable[[object], bytes]) -> bytes:
    """Return an object's bytes.

    Args:
        value: of a library's.
        aside: gives what stands for an object inside it that does not go along.

    Raises:
        CannotCrossError: it can't be pickled.
    """
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, aside).dump(value)
    except Exception as error:  # whatever a library's objects do
        raise CannotCrossError(type(value).__name__) from error
    return buffer.getvalue()


def unpickled(data: bytes, inside: Callable[[bytes], object]) -> object:
    """Return the object of bytes that the examiner sent; for the student's process only."""
    return _Unpickler(io.BytesIO(data), inside).load()


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, aside: Callable[[object], bytes]) -> None:
        super().__init__(buffer, protocol=5)
        self._aside = aside

    def persistent_id(self, value: object) -> bytes | None:
        """Return what stands for what does not go along; None for all that does."""
        theirs = isinstance(value, FunctionType) and not is_library(value.__module__ or "")
        kind = value if isinstance(value, type) else type(value)
        return self._aside(value) if theirs or kind.__module__.split(".")[0] in ("__main__", "closed_doors") else None

    def reducer_override(self, value: object) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        """Let a module go as its name."""
        return (importlib.import_module, (value.__name__,)) if isinstance(value, ModuleType) else NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, inside: Callable[[bytes], object]) -> None:
        super().__init__(buffer)
        self._inside = inside

    def persistent_load(self, found: bytes) -> object:
        """Return what stands for what did not come along."""
        return self._inside(found)
