"""What only one host of notebooks has, Colab or JupyterLite for example: here it does nothing, and the cell goes on.

An import of a host's module that nobody guards gives an object that accepts everything and does nothing. One inside a
`try` fails as it does on anybody's own machine: `except ImportError` is how a notebook asks where it runs.
"""

import ast
import sys
from collections.abc import Generator, Iterator
from typing import TypeVar

HOSTS = frozenset(("google.colab", "deepnote_toolkit", "kaggle_secrets", "micropip", "piplite", "pyodide", "js"))
MAKER = "__host_of_notebooks__"
_GUARDS = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))
Node = TypeVar("Node", bound=ast.AST)


class Nothing:
    """A part of a host: can be called, entered, awaited and gone through, and nothing comes of it."""

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *_: object, **_named: object) -> "Nothing":
        """Do nothing."""
        return Nothing()

    def __getitem__(self, _: object) -> "Nothing":
        return Nothing()

    def __enter__(self) -> "Nothing":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __await__(self) -> Generator[None, None, "Nothing"]:
        yield from ()
        return self

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""


def mentions_a_host(source: str) -> bool:
    """Whether a text names one of the hosts' modules; most do not, and cost nothing more."""
    return any(host in source for host in HOSTS)


def without_hosts(tree: Node) -> Node:
    """Return a cell's tree in which hosts' modules are imported from nowhere.

    Args:
        tree: the cell's; it is changed.
    """
    changed: Node = ast.fix_missing_locations(_Imports().visit(tree))
    return changed


class _Imports(ast.NodeTransformer):
    def visit_Try(self, node: ast.Try) -> ast.Try:
        if not any(map(_catches_imports, node.handlers)):
            self.generic_visit(node)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        ours = [alias for alias in node.names if not _is_absent(alias.name)]
        rest: list[ast.stmt] = [ast.copy_location(ast.Import(ours), node)] if ours else []
        names = [alias.asname or alias.name.split(".")[0] for alias in node.names if alias not in ours]
        return rest + [_nothing(name, node) for name in names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        module = node.module or ""
        names = [alias for alias in node.names if _is_absent(module) or _is_absent(f"{module}.{alias.name}")]
        if node.level or not names or any(alias.name == "*" for alias in names):
            return node
        rest = [alias for alias in node.names if alias not in names]
        kept: list[ast.stmt] = [ast.copy_location(ast.ImportFrom(module, rest, 0), node)] if rest else []
        return kept + [_nothing(alias.asname or alias.name, node) for alias in names]


def _is_absent(module: str) -> bool:
    """Whether a module is a host's, and not installed here under the same name."""
    host = next((host for host in HOSTS if module == host or module.startswith(f"{host}.")), None)
    return host is not None and host not in sys.modules


def _nothing(name: str, where: ast.stmt) -> ast.stmt:
    made = ast.Call(ast.Name(MAKER, ast.Load()), [], [])
    return ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], made), where)


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    kinds = ast.walk(handler.type) if handler.type else ()
    return handler.type is None or any(isinstance(kind, ast.Name) and kind.id in _GUARDS for kind in kinds)
