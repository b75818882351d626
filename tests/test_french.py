"""French as it is printed: blanks that do not break, in all that students, TAs and teachers read of the course."""

import ast
import re

import pytest

from tests.documents import Document, tracked

PAGES = sorted(
    name
    for name in tracked()
    if re.fullmatch(
        r"docs/(cours|creer-un-devoir|guide-\w+|projet)\.md|website/.+\.md|projects/.+\.md|model/README\.md", name
    )
)
PROGRAMS = sorted(
    name
    for name in tracked()
    if re.fullmatch(r"masters/(\w+)/\1\.py|model/.+\.py|src/attention/.+\.py|projects/.+\.py", name)
)
# Two blanks and more before a colon align it with that of another line; `!=` is Python's.
BREAKS = re.compile(r"« |(?<! ) (?=[:;?!»%](?![=\w]))|(?<=\d) (?=\d{3}\b)")
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|^\|[-:| ]+\|$", re.DOTALL | re.MULTILINE)


def cells_of(program: str) -> str:
    """Return the text cells of a notebook in the percent format; nothing of any other program."""
    cells = re.split(r"^# %%", program, flags=re.MULTILINE)
    return "\n".join(re.sub(r"^# ?", "", cell, flags=re.MULTILINE) for cell in cells if cell.startswith(" [markdown]"))


def said_in(program: str) -> list[str]:
    """Return the strings of a program, those of f-strings too, without its docstrings, which are no output."""
    tree = ast.parse(program)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in strings if text not in docstrings]


def breaks(text: str) -> list[str]:
    """Return the places of a text where a line could end and must not, each with what stands around it."""
    return [text[max(0, found.start() - 25) : found.end() + 15] for found in BREAKS.finditer(text)]


@pytest.mark.parametrize("name", PAGES)
def test_no_line_of_a_page_begins_with_a_colon(name: str) -> None:
    """The blanks before : ; ? ! » %, after « and inside of numbers are no-break ones."""
    assert not breaks(NOT_PROSE.sub("", Document(name).text))


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_line_of_a_lesson_begins_with_a_colon(name: str) -> None:
    """What a lesson explains and what its code prints is French as a page is."""
    program = Document(name).text
    assert not breaks(NOT_PROSE.sub("", cells_of(program)))
    assert not [text for text in said_in(program) if breaks(text)]


def test_a_blank_that_breaks_is_seen() -> None:
    """The pattern itself: each kind of blank, and what looks like one."""
    assert len(breaks("« a » : b ; c ? d ! 12 000 et 5 %")) == 8
    assert not breaks(
        "«\u00a0a\u00a0»\u00a0: b, x != y, aligné   : oui, de 2 à 300 tokens".replace(" à 300", " à\u00a0300")
    )
    assert PAGES
    assert PROGRAMS
