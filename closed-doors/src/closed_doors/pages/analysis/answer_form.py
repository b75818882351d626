"""The form of an answer: what is left of it when names, comments and texts are taken away.

Two answers of the same form do the same thing in the same way, whatever their authors called it.
"""

import ast
import re
import unicodedata
import warnings
from functools import cache

Form = tuple[str, ...]

_MAGIC = ("%", "!", "?")
_PARTS = re.compile(r"\w+|\n *|[^\w\s]")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LONGEST = 5000  # parts; more is never an answer


def code_form(source: str, starter: str) -> Form:
    """Return the form of a code answer; empty where nothing was written.

    Args:
        source: what the student wrote.
        starter: what the release had there; of its functions, only the new body counts.
    """
    given = _definitions(starter)
    tree = _parsed(source)
    if tree is None:  # not Python: the words as they stand
        known = set(_PARTS.findall(starter))
        parts = _PARTS.findall("\n".join(line.split("#")[0] for line in source.split("\n")))
        return () if set(parts) <= known else tuple(parts[:LONGEST])
    helpers = frozenset(node.name for node in tree.body if isinstance(node, _DEFINITIONS)) - given.keys()
    pieces = []
    for node in tree.body:
        name = node.name if isinstance(node, _DEFINITIONS) and node.name in given else ""
        piece = _piece(node, name, frozenset(given), helpers)
        if not isinstance(node, ast.Import | ast.ImportFrom) and not (name and piece == given[name]):
            pieces.append(piece)
    # In order of their content: moving a function up or down changes nothing.
    return tuple(part for piece in sorted(pieces) for part in piece)[:LONGEST]


def text_form(source: str, starter: str) -> Form:
    """Return the words of a written answer, without case, accents and punctuation; empty where nothing was written."""
    words = _words(source)
    return () if words == _words(starter) else words


def line_forms(source: str) -> list[str]:
    """Return each line of a text without comments, strings and the names that are not Python's own.

    It is for showing two texts side by side: lines that do the same have the same form.
    """
    return [_line_form(line) for line in source.split("\n")]


def _line_form(line: str) -> str:
    parts = re.sub(r"'[^']*'|\"[^\"]*\"", "''", line.split("#")[0])
    return re.sub(r"(?<![\w.])[^\W\d]\w*(?!\w|\s*\()", "v", parts).strip()


def _words(text: str) -> Form:
    plain = unicodedata.normalize("NFKD", text.lower())
    return tuple(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def _parsed(source: str) -> ast.Module | None:
    lines = ("" if line.lstrip().startswith(_MAGIC) else line for line in source.splitlines())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a student's own backslashes
            return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@cache
def _definitions(starter: str) -> dict[str, Form]:
    """Return the form of each function and class that the release gives, by name."""
    tree = _parsed(starter)
    nodes = [node for node in tree.body if isinstance(node, _DEFINITIONS)] if tree else []
    names = frozenset(node.name for node in nodes)
    return {node.name: _piece(node, node.name, names, frozenset()) for node in nodes}


def _piece(node: ast.stmt, name: str, given: frozenset[str], helpers: frozenset[str]) -> Form:
    """Return the form of one statement; `name` is that of a function of the release, whose first line is left out."""
    try:
        text = ast.unparse(ast.fix_missing_locations(_Renamer(node, given, helpers).visit(node)))
    except (RecursionError, ValueError):
        return ("…",)
    if name:
        text = f"{name}:\n" + text.partition(":\n")[2]
    return tuple(_PARTS.findall(text))


class _Renamer(ast.NodeTransformer):
    """Names what a statement binds v0, v1, … in order, and takes docstrings, annotations and texts out.

    Args:
        node: the statement.
        given: names that the release defines; they stay.
        helpers: what the student defines beside them; each is named h.
    """

    def __init__(self, node: ast.stmt, given: frozenset[str], helpers: frozenset[str]) -> None:
        bound = {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and _is_store(child)}
        bound |= {child.arg for child in ast.walk(node) if isinstance(child, ast.arg)}
        bound |= {child.name for child in ast.walk(node) if isinstance(child, _DEFINITIONS)}
        self._bound = bound - given - helpers
        self._helpers = helpers
        self._names: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._renamed(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._renamed(node.arg))

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return ast.keyword(node.arg, self.visit(node.value))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("s") if isinstance(node.value, str | bytes) else node

    def visit_JoinedStr(self, _: ast.JoinedStr) -> ast.AST:
        return ast.Constant("s")

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return ast.Assign([self.visit(node.target)], self.visit(node.value))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._definition(node)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST:
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        fields = dict(ast.iter_fields(node)) | {"body": body or [ast.Pass()]}
        if not isinstance(node, ast.ClassDef):
            fields["returns"] = None
        fresh = type(node)(**fields)
        fresh.name = self._renamed(node.name)
        self.generic_visit(fresh)
        return fresh

    def _renamed(self, name: str) -> str:
        if name in self._helpers:
            return "h"
        if name in self._bound:
            return self._names.setdefault(name, f"v{len(self._names)}")
        return name


def _is_store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
