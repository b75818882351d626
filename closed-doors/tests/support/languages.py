"""What tests of catalogues and of pages ask: which codes there are, and whether a text is French."""

import ast
import re
import string
from pathlib import Path

from checks.catalogues import Wording

FRENCH = re.compile(r"[éèêàçùîôûœÉÀ«]|\b(?i:vous|votre|les|des|une|aucun|aucune|dans|avec|cette|cellule|tous)\b")


def bare(code: str) -> str:
    """Return a code without the form that a count chooses."""
    return re.sub(r"\.(one|other)$", "", code)


def placeholders(words: Wording, code: str) -> set[str]:
    """Return the arguments that stand in a sentence, in any of its forms."""
    forms = [words.text(each) for each in words.codes if bare(each) == code]
    return {name for text in forms for _, name, _, _ in string.Formatter().parse(text) if name}


def french_in(text: str) -> bool:
    """Whether a text has a French letter or word."""
    return FRENCH.search(text) is not None


def texts_of(path: Path) -> list[str]:
    """Return the text constants of a module, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]
