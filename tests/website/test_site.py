"""The course's website: built from what students get, whole without a network, and true in what it says."""

import contextlib
import copy
import importlib.util
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from bs4 import BeautifulSoup

from closed_doors.core.layout import Layout
from tests.conftest import ROOT
from tests.documents import Document

WEBSITE = ROOT / "website"
TRAPS = sorted((WEBSITE / "pieges").glob("*.md"))
WITHHELD = re.compile(r"BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)(.*?)END \1", re.DOTALL)
TELLING = 25  # a shorter line is what anybody writes


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, its lessons without figures."""
    into = tmp_path_factory.mktemp("site")
    command = [sys.executable, WEBSITE / "build.py", "--unplayed", "--into", into]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return into / "html"


@pytest.fixture(scope="module")
def pages(html: Path) -> dict[Path, BeautifulSoup]:
    """Each page of the site, parsed."""
    return {path: BeautifulSoup(path.read_bytes(), "html.parser") for path in html.rglob("*.html")}


@pytest.mark.slow
def test_every_page_says_that_it_is_french(pages: dict[Path, BeautifulSoup]) -> None:
    """A screen reader speaks French on each of them, and finds no word of the theme's English."""
    assert {page.html["lang"] for page in pages.values()} == {"fr"}
    english = re.compile(
        r"^\s*(Next|Previous|Home|Contents|Expand|On this page|Back to .*|Skip to .*|Toggle .*|.* mode|Made with)\s*$"
    )
    for path, page in pages.items():
        said = [*page.stripped_strings, *(tag["aria-label"] for tag in page.find_all(attrs={"aria-label": True}))]
        assert not [text for text in said if english.match(text)], path


@pytest.mark.slow
def test_nothing_is_asked_of_another_place(html: Path, pages: dict[Path, BeautifulSoup]) -> None:
    """No page, and no style, loads anything from elsewhere; links that a reader may click are no requests."""
    asked = [
        tag.get(name, "")
        for page in pages.values()
        for tag in page.find_all(lambda tag: tag.name != "a")
        for name in ("src", "href", "srcset", "action", "data", "poster")
    ]
    asked += [address for style in html.rglob("*.css") for address in addresses(style.read_text(encoding="utf-8"))]
    assert not [address for address in asked if re.match(r"(\w+:)?//", address)]


def addresses(style: str) -> list[str]:
    return re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")]+)", style)


@pytest.mark.slow
def test_links_inside_the_site_lead_somewhere(pages: dict[Path, BeautifulSoup]) -> None:
    """Each relative link has its file and its anchor, and each picture its file and a text in its place."""
    for path, page in pages.items():
        for tag in page.find_all("a", href=True):
            target, _, anchor = tag["href"].partition("#")
            if "://" not in target:
                place = (path.parent / target).resolve() if target else path
                assert place in pages, (path, tag["href"])
                assert not anchor or pages[place].find(id=anchor), (path, tag["href"])
        for tag in page.find_all("img"):
            assert (path.parent / tag["src"]).is_file(), (path, tag["src"])
            assert tag.get("alt"), (path, tag["src"])


@pytest.mark.slow
def test_formulas_are_drawn(pages: dict[Path, BeautifulSoup]) -> None:
    """Formulas are MathML without a command left in it, and no dollar sign stands around one."""
    for path, page in pages.items():
        assert not [formula for formula in page.find_all(["mi", "mo", "mtext"]) if "\\" in formula.text], path
        prose = copy.copy(page)  # other tests read the page whole
        for tag in prose.find_all(["pre", "code", "script", "style"]):
            tag.decompose()
        assert "$" not in prose.text, path


def withheld(repository: Layout) -> Iterator[str]:
    """Telling lines of solutions, hidden tests and mark schemes that no released notebook has."""
    released = "\n".join(words(text_of(repository.release / assignment)) for assignment in repository.assignments())
    for assignment in repository.assignments():
        for region in WITHHELD.finditer(text_of(repository.source / assignment)):
            lines = (words(line) for line in region[2].splitlines())
            yield from (line for line in lines if len(line) >= TELLING and line not in released)


def text_of(folder: Path) -> str:
    notebook = nbformat.read(next(folder.glob("*.ipynb")), as_version=4)
    return "\n".join(cell.source for cell in notebook.cells)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_no_page_has_what_students_do_not_get(repository: Layout, pages: dict[Path, BeautifulSoup]) -> None:
    """No line of a solution, of a hidden test or of a mark scheme stands on the site."""
    told = "\n".join(words(page.text) for page in pages.values())
    lines = set(withheld(repository))
    assert len(lines) > 500
    assert not {line for line in lines if line in told}


@pytest.mark.slow
def test_every_lesson_is_there(repository: Layout, html: Path) -> None:
    """Each assignment has its page, and the ungraded lesson too."""
    lessons = {path.stem for path in (html / "lecons").glob("*.html")}
    assert lessons == {*repository.assignments(), "regarder_un_modele"}


def test_each_trap_of_the_course_page_has_its_page() -> None:
    """The course page's table links to every page on a trap, once."""
    linked = [path.resolve() for path, _ in Document("docs/cours.md").links if path.parent.name == "pieges"]
    assert sorted(linked) == TRAPS


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_a_trap_shows_what_its_code_prints(path: Path) -> None:
    """The output on a trap's page is that of the code above it."""
    page = Document(str(path.relative_to(ROOT)))
    code, shown = page.blocks("python"), page.blocks("text")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code[0], {})
    assert [printed.getvalue()] == shown


@pytest.fixture(scope="module")
def lessons() -> ModuleType:
    spec = importlib.util.spec_from_file_location("website_lessons", WEBSITE / "lessons.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FIGURE = """
from IPython.display import display
display({"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"alt": "Un masque."}}, raw=True)
"""

ANSWERING = """
from IPython.display import display
view = {"version_major": 2, "version_minor": 0, "model_id": "abc"}
display({"application/vnd.jupyter.widget-view+json": view, "text/plain": "Exécutez la cellule."}, raw=True)
""" + FIGURE.replace("masque", "masque qui répond")


def cell(source: str, name: str, **data: bool) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": name, **data}})


@pytest.mark.slow
def test_a_lesson_is_played_as_it_is_handed_out(lessons: ModuleType, tmp_path: Path) -> None:
    """Figures and prints are shown, controls and answers say why not; no graded cell is run, nor anything twice."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            cell("print('trois', 1 + 2)", "texte"),
            cell(FIGURE, "figure"),
            cell(ANSWERING, "figure-qui-repond"),
            cell("def answer():\n    raise NotImplementedError", "reponse", solution=True),
            cell("print(answer())", "suite"),
            cell("print('graded')", "verification", grade=True),
            cell("print('handed in')", "rendre-verification"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    path = tmp_path / "petit" / "petit.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    page = lessons.lesson_page(lessons.played(path, tmp_path / "kept", []), tmp_path / "pictures")
    assert "`````text\ntrois 3\n`````" in page
    assert ":alt: Un masque." in page
    assert "*Exécutez la cellule.*\n\n`````{image}" in page
    assert ":alt: Un masque qui répond." in page
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    assert page.count(lessons.LATER) == 1
    assert "`````text\ngraded" not in page
    assert "handed in" not in page
    (kept,) = (tmp_path / "kept").iterdir()
    written = kept.stat().st_mtime_ns
    lessons.played(path, tmp_path / "kept", [])
    assert kept.stat().st_mtime_ns == written
