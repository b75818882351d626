"""Travailler là où PyTorch n'existe pas (JupyterLite, par exemple) : NumPy suffit à une partie des exercices.

``stand_in`` met à la place de PyTorch un module qui se laisse importer, et qui dit qu'il manque dès qu'il faudrait
calculer. Rien ici ne se fait tant que personne ne l'appelle.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

LIBRARY = "torch"
SAID = "PyTorch n'est pas installé ici : travaillez sur votre ordinateur (voir LISEZMOI.txt) ou sur Colab."
# What a notebook calls before any computation, and can do without.
_SETTINGS = ("manual_seed", "set_num_threads", "set_printoptions", "no_grad", "inference_mode")
_NUMBERS = {name: getattr(math, name) for name in ("inf", "nan", "pi", "e")}


def stand_in() -> None:
    """Fait de ``import torch`` un import qui réussit, et dit quels exercices marchent."""
    for name in [name for name in sys.modules if name.split(".")[0] == LIBRARY]:
        del sys.modules[name]  # a library that fails to load leaves parts of itself
    sys.meta_path.insert(0, _Finder())
    print(  # noqa: T201  (c'est le notebook qui appelle)
        "PyTorch n'est pas installé ici : les exercices qui s'écrivent avec NumPy marchent, exécutez leurs cellules "
        "une par une. Les autres diront qu'il leur manque PyTorch."
    )


def _missing() -> NoReturn:
    raise ModuleNotFoundError(SAID, name=LIBRARY)


def _part(name: str) -> object:
    """Ce qu'un nom de PyTorch désigne ici."""
    last = name.rpartition(".")[2]
    if last.startswith("__"):
        raise AttributeError(name)
    if last in _SETTINGS:
        return _Setting()
    if last in _NUMBERS:
        return _NUMBERS[last]
    return _never if last == "is_available" else _Absent(name)


def _never() -> bool:
    return False


class _Absent:
    """Ce qui serait une fonction, une classe ou un objet de PyTorch : se nomme et se dérive, ne calcule rien."""

    def __init__(self, name: str, other: object = ()) -> None:
        self._name = name
        self._other = other  # the other types of a union, which do exist

    def __getattr__(self, name: str) -> object:
        return _part(f"{self._name}.{name}")

    def __call__(self, *_args: object, **_named: object) -> NoReturn:
        _missing()

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[type, ...]:
        return (_AbsentClass,)

    def __or__(self, other: object) -> _Absent:
        return _Absent(self._name, other)

    __ror__ = __or__

    def __getitem__(self, _item: object) -> _Absent:
        return self

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._other)  # type: ignore[arg-type]  # what stands in a union is a type

    def __subclasscheck__(self, kind: type) -> bool:
        return issubclass(kind, self._other)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"<{self._name} : absent>"


class _AbsentClass:
    """Ce dont dérive une classe écrite pour PyTorch : elle s'écrit, et ne se construit pas."""

    def __init__(self, *_args: object, **_named: object) -> None:
        _missing()


class _Setting:
    """Ce qui règle PyTorch : accepte tout, ne fait rien, et sert aussi de décorateur ou de bloc with."""

    def __call__(self, *args: object, **_named: object) -> object:
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        return None


class _Module(ModuleType):
    """Un module de PyTorch, vide."""

    __version__ = "(absent)"
    __stand_in__ = True  # the checks read it: what fails for want of this library is not a student's mistake

    def __getattr__(self, name: str) -> object:
        return _part(f"{self.__name__}.{name}")


class _Finder(MetaPathFinder, Loader):
    """Trouve tous les modules de PyTorch, vides ; `from torch.nn import functional` réussit aussi."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] == LIBRARY else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Rien à exécuter."""
