"""The readings of a text: the same words however they were wrapped.

A leak rarely looks like the master's line. It is commented out, escaped inside JSON, set in HTML tags or in a fenced
block of markdown. Each reading takes one such coat off. Nobody hides here: what is looked for is the author's own slip,
so letters that only look alike, encodings and what is packed in packages are not.
"""

import ast
import html
import re
import textwrap
import unicodedata
from collections.abc import Iterator

_TYPOGRAPHY = str.maketrans(dict(zip("‐‑‒–−’‘“”«»", '-----\'\'""""', strict=True)))
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>|<!--|-->")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt\"'/\\]))")
_BLOCK = re.compile(r"^ {0,3}(?:```|~~~)[^\n]*\n(.*?)^ {0,3}(?:```|~~~)", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:^(?: {4}|\t)[^\n]*\n?(?:[ \t]*\n)*)+", re.MULTILINE)
_HTML_BLOCK = re.compile(r"<(pre|code|details|samp|div|script|textarea)\b[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_SPAN = re.compile(r"(`+)([^`]+)\1")
_COMMENT = re.compile(r"(?<!&)#[^\n]*")
_MAGIC = ("%", "!", "?")


def fold(text: str) -> str:
    """Return a text in plain signs: compatibility forms, dashes and quotes as code has them."""
    return unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)


def readings(text: str) -> Iterator[str]:
    """Yield the readings of a text, the plain one first; each may be matched like the text itself."""
    plain = fold(text)
    yield plain
    seen = {plain}
    unescaped = _ESCAPE.sub(_unescape, plain)
    for reading in (*_unwrapped(plain), unescaped, *_unwrapped(unescaped)):
        if reading.strip() and reading not in seen:
            seen.add(reading)
            yield reading


def _unwrapped(text: str) -> Iterator[str]:
    if "#" in text:
        yield _COMMENT.sub("", text)
        yield re.sub(r"^[ \t]*#+ ?", "", text, flags=re.MULTILINE)
    yield from _canonical_blocks(text)
    if "<" in text or "&" in text:
        bare = html.unescape(_TAG.sub("", text))
        yield bare
        yield from _canonical_blocks(bare)


def _canonical_blocks(text: str) -> Iterator[str]:
    return filter(None, map(canonical_code, code_blocks(text)))


def _unescape(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    return {"n": "\n", "r": "\n", "t": "\t"}.get(found[3], found[3])


def code_blocks(text: str) -> Iterator[str]:
    """Yield what may be Python in a text: all of it, fenced and indented blocks, HTML blocks, code spans."""
    yield text
    for found in _BLOCK.finditer(text):
        yield found[1]
    for found in _INDENTED.finditer(text):
        yield found[0]
    for found in _HTML_BLOCK.finditer(text):
        yield _TAG.sub("", found[2])
    for found in _SPAN.finditer(text):
        yield found[2]


def canonical_code(source: str) -> str | None:
    """Return Python code in one form whatever its layout, or None where it is not Python.

    Comments, docstrings, annotations, needless brackets, kinds of quotes and the order of keyword arguments are gone.
    """
    tree = parsed(source)
    if tree is None:
        return None
    return ast.unparse(ast.fix_missing_locations(Canonical().visit(tree)))


def parsed(source: str) -> ast.Module | None:
    """Return the tree of a code cell, its magics left out, or None where it is not Python."""
    lines = (line for line in source.splitlines() if not line.lstrip().startswith(_MAGIC))
    try:
        return ast.parse(textwrap.dedent("\n".join(lines)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class Canonical(ast.NodeTransformer):
    """Takes out of a tree what can be changed without changing the code."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Drop the docstring and the annotations."""
        node.returns = None
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Drop the docstring."""
        return self._without_docstring(node)

    def visit_Module(self, node: ast.Module) -> ast.AST:
        """Keep strings that stand alone: at the top of a cell they are results."""
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Drop the annotation."""
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Turn an annotated assignment into a plain one."""
        self.generic_visit(node)
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Sort the keyword arguments."""
        self.generic_visit(node)
        node.keywords.sort(key=lambda keyword: keyword.arg or "~")
        return node

    def _without_docstring(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        body = [x for x in node.body if not (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))]
        node.body = body or [ast.Pass()]
        return node
