"""The readings of a text: the same words however they were disguised or wrapped.

A leak rarely looks like the master's line. It is commented out, escaped inside JSON, coloured by HTML tags, encoded in
base64, or written with letters that only look like ASCII. Each reading takes one such coat off.
"""

import ast
import base64
import binascii
import html
import re
import textwrap
import unicodedata
import urllib.parse
import zlib
from collections.abc import Iterator

DEEPEST = 3
_LOOKALIKES = str.maketrans(
    {
        **dict(zip("АВЕЅІЈКМНОРСТХУаеіјорсухѕԁһѵԛԝ", "ABESIJKMHOPCTXYaeijopcyxsdhvqw", strict=True)),  # Cyrillic
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονı", "ABEZHIKMNOPTYXovi", strict=True)),  # Greek
        **dict(zip("‐‑‒–−’‘“”«»", '-----\'\'""""', strict=True)),
    }
)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{4}\s?){8,}[A-Za-z0-9+/_-]*={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){24,}|(?:\\x[0-9a-fA-F]{2}){12,}")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>|<!--|-->")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt\"'/\\]))")
_BLOCK = re.compile(r"^ {0,3}(?:```|~~~)[^\n]*\n(.*?)^ {0,3}(?:```|~~~)", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:^(?: {4}|\t)[^\n]*\n?(?:[ \t]*\n)*)+", re.MULTILINE)
_HTML_BLOCK = re.compile(r"<(pre|code|details|samp|div|script|textarea)\b[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_SPAN = re.compile(r"(`+)([^`]+)\1")
_COMMENT = re.compile(r"(?<!&)#[^\n]*")
_MAGIC = ("%", "!", "?")


def fold(text: str) -> str:
    """Return a text without what the eye can't see: compatibility forms, look-alike letters, zero-width characters."""
    text = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn", "Co", "Cn"))


def views(text: str) -> Iterator[str]:
    """Yield the readings of a text, the plain one first; each may be matched like the text itself."""
    plain = fold(text)
    seen = {plain}
    yield plain
    for view in _unwrapped(plain, DEEPEST):
        if view.strip() and view not in seen:
            seen.add(view)
            yield view


def _unwrapped(text: str, depth: int) -> Iterator[str]:
    if "#" in text:
        yield _COMMENT.sub("", text)
        yield re.sub(r"^[ \t]*#+ ?", "", text, flags=re.MULTILINE)
    for block in code_blocks(text):
        if (canonical := canonical_code(block)) is not None:
            yield canonical
    if "<" in text or "&" in text:
        bare = html.unescape(_TAG.sub("", text))
        yield bare
        for block in code_blocks(bare):
            if (canonical := canonical_code(block)) is not None:
                yield canonical
    inner = list(_decoded(text))
    if depth:
        for payload in inner:
            payload = fold(payload)
            yield payload
            yield from _unwrapped(payload, depth - 1)


def _decoded(text: str) -> Iterator[str]:
    if _ESCAPE.search(text):
        yield _ESCAPE.sub(_unescape, text)
    if re.search(r"%[0-9a-fA-F]{2}", text):
        yield urllib.parse.unquote(text)
    for found in _BASE64.finditer(text):
        run = re.sub(r"\s", "", found[0]).rstrip("=").replace("-", "+").replace("_", "/")
        for start in range(1 if len(run) > 2000 else 4):  # a word may stand right before the payload
            try:
                data = base64.b64decode(run[start : start + (len(run) - start) // 4 * 4] + _rest(run[start:]))
            except (binascii.Error, ValueError):
                continue
            if (payload := readable(data)) is not None:
                yield payload
                break
    for found in _HEX.finditer(text):
        payload = readable(bytes.fromhex(found[0].replace("\\x", "")))
        if payload is not None:
            yield payload


def _rest(run: str) -> str:
    rest = run[len(run) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def readable(data: bytes) -> str | None:
    """Return decoded bytes as text, decompressed where they are zlib's or gzip's; None where they are not text."""
    if data[:2] in (b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01", b"x^"):
        try:
            data = zlib.decompressobj(47).decompress(data, 8 << 20)
        except zlib.error:
            return None
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError:
        return None
    strange = sum(not (c.isprintable() or c in "\n\r\t") for c in text)
    return text if len(text) > 8 and strange <= len(text) // 50 else None


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
