"""What code imports, read from its text."""

import ast
from pathlib import Path

import pytest

import closed_doors
from closed_doors.notebook.imports import imported_modules

EVERYWHERE = """
def late():
    async def later():
        import a
    class Here:
        from .b import c
if x:
    pass
elif y:
    import d
try:
    pass
except* ValueError:
    import e
else:
    import f
finally:
    import g
for _ in x:
    import h
with x:
    import i.j
match x:
    case 1:
        import k
"""


def test_an_import_is_found_wherever_it_stands() -> None:
    """Functions, classes, and all blocks of all statements are looked through."""
    found = imported_modules(EVERYWHERE, "pack")
    assert sorted(found) == ["a", "d", "e", "f", "g", "h", "i.j", "k", "pack.b", "pack.b.c"]


@pytest.mark.parametrize("source", ["text = 'import a'", "# import a", "def f(:\n    import a", "%pip install a"])
def test_what_only_speaks_of_imports_is_none(source: str) -> None:
    """A text, a comment, code that is no Python and a magic import nothing."""
    assert imported_modules(source) == ()


def test_every_import_of_this_package_is_found() -> None:
    """On code that people wrote, it finds as many imports as a walk through everything does."""
    for path in Path(closed_doors.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        names = sum(len(node.names) + isinstance(node, ast.ImportFrom) for node in nodes)
        assert len(imported_modules(source)) == names, path
