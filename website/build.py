"""Build the course's website: python website/build.py [--root COURSE] [--into FOLDER] [--unplayed]."""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import jupytext
import nbformat
from lessons import lesson_page, played
from sphinx.cmd.build import build_main
from theme_words import in_french

HERE = Path(__file__).resolve().parent
LESSON = re.compile(r"^\| \d+ \| `(\w+)`", re.MULTILINE)  # a row of the course page's first table
TEXTS = {"cours.md": "index.md", "guide-etudiant.md": "guide-etudiant.md", "projet.md": "projet.md"}
NOTEBOOK = re.compile(r"\]\(((?:\.\./)*?)(?:\.\./)release/(\w+)/\2\.ipynb\)")  # on the site, a lesson's page
MODEL_LESSON = "regarder_un_modele"
OF_THE_MODEL = {  # links to the small model's folder, on the site
    "](../model/README.md)": "](modele.md)",
    f"](../model/{MODEL_LESSON}.py)": f"](lecons/{MODEL_LESSON}.md)",
    f"]({MODEL_LESSON}.py)": f"](lecons/{MODEL_LESSON}.md)",
}
IMAGE = re.compile(r"\]\((images/[\w.-]+)\)")


def main() -> int:
    """Gather the pages, have Sphinx build them; return its exit status."""
    parser = argparse.ArgumentParser(description="Build the course's website from its own files.")
    parser.add_argument("--root", type=Path, default=HERE.parent, help="the course")
    parser.add_argument("--into", type=Path, default=HERE.parent / "build" / "site", help="what is built goes here")
    parser.add_argument("--unplayed", action="store_true", help="show lessons without figures: no notebook is run")
    options = parser.parse_args()
    pages = options.into / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    lessons = gather(options.root, pages)
    for name in lessons:
        write_lesson(options.root, name, pages, None if options.unplayed else options.into / "played")
    write_model_lesson(options.root, pages, None if options.unplayed else options.into / "played")
    html = options.into / "html"
    shutil.rmtree(html, ignore_errors=True)
    failed = build_main(["-q", "-W", "--keep-going", "-E", "-c", str(HERE), str(pages), str(html)])
    if not failed:
        in_french(html)
        sys.stdout.write(f"{html / 'index.html'}\n")
    return failed


def gather(root: Path, pages: Path) -> list[str]:
    """Copy what is written as pages already; return the lessons' names in the course's order."""
    shutil.copytree(HERE, pages, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, target in TEXTS.items():
        text = (root / "docs" / name).read_text(encoding="utf-8")
        for image in IMAGE.findall(text):
            (pages / image).parent.mkdir(exist_ok=True)
            shutil.copy(root / "docs" / image, pages / image)
        (pages / target).write_text(text.replace("](../website/", "]("), encoding="utf-8")
    shutil.copy(root / "model" / "README.md", pages / "modele.md")
    shutil.copy(root / "model" / "losses.png", pages)
    for page in pages.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for link, on_the_site in OF_THE_MODEL.items():
            text = text.replace(link, on_the_site)
        page.write_text(text, encoding="utf-8")
    for page in pages.rglob("*.md"):
        page.write_text(NOTEBOOK.sub(r"](\1lecons/\2.md)", page.read_text(encoding="utf-8")), encoding="utf-8")
    index = pages / "index.md"
    lessons = LESSON.findall(index.read_text(encoding="utf-8"))
    traps = sorted(f"pieges/{path.stem}" for path in (pages / "pieges").glob("*.md"))
    with index.open("a", encoding="utf-8") as file:
        file.write(contents("Les leçons", [f"lecons/{name}" for name in (*lessons, MODEL_LESSON)]))
        file.write(contents("Un piège, une page", traps))
        file.write(contents("Et aussi", ["projet", "lectures", "modele", "guide-etudiant"]))
    return lessons


def contents(title: str, names: Iterable[str]) -> str:
    """Return a hidden table of contents: the theme shows it beside every page."""
    return "\n".join(["", "", "```{toctree}", ":hidden:", f":caption: {title}", *names, "```", ""])


def write_lesson(root: Path, name: str, pages: Path, kept: Path | None) -> None:
    """Write a lesson's page and its figures, from the notebook that students get."""
    path = root / "release" / name / f"{name}.ipynb"
    notebook = played(path, kept, modules(root)) if kept else nbformat.read(path, as_version=4)
    folder = pages / "lecons"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(lesson_page(notebook, folder / name), encoding="utf-8")


def write_model_lesson(root: Path, pages: Path, kept: Path | None) -> None:
    """Write the page of the ungraded lesson, which is kept as text, with its figures."""
    notebook = jupytext.read(root / "model" / f"{MODEL_LESSON}.py")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same text is the same notebook
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(root / "model", place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        path = Path(place) / f"{MODEL_LESSON}.ipynb"
        nbformat.write(notebook, path)
        sources = [*modules(root), *sorted((root / "model" / "conteur").glob("*.[ps][ya]*"))]
        notebook = played(path, kept, sources) if kept else notebook
    page = lesson_page(notebook, pages / "lecons" / MODEL_LESSON)
    (pages / "lecons" / f"{MODEL_LESSON}.md").write_text(page, encoding="utf-8")


def modules(root: Path) -> list[Path]:
    """Return the modules of the course that lessons import."""
    return sorted((root / "src").rglob("*.py"))


if __name__ == "__main__":
    sys.exit(main())
