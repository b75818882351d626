"""Lessons as pages: a released notebook, played as it is handed out, becomes markdown with its figures."""

import base64
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

PNG = "image/png"
WIDGET = "application/vnd.jupyter.widget-view+json"  # controls, which a page can't have; their text stands in
SKIPPED = "skip-execution"  # the tag that nbclient goes by
OF_THE_NOTEBOOK = {"demarrage", "rendre", "rendre-verification"}  # cells that only make sense inside a notebook
LATER = "*Ce résultat dépend de vos réponses\u00a0: il apparaîtra dans votre notebook.*"
SECONDS_A_CELL = 600


def grader_data(cell: NotebookNode, key: str) -> object:
    """Return what nbgrader keeps with a cell under this key, None where it keeps nothing."""
    return cell.metadata.get("nbgrader", {}).get(key)


def played(path: Path, kept: Path, sources: Sequence[Path]) -> NotebookNode:
    """Return a released notebook with its outputs; what needs a student's answer fails, and has none.

    Args:
        path: the notebook in release/, which holds no solution.
        kept: the folder that keeps played notebooks.
        sources: the modules that the notebook imports; where one has changed, the notebook is played again.
    """
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in (path, *sources))).hexdigest()
    place = kept / f"{path.stem}-{digest[:16]}.ipynb"
    if not place.is_file():
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if grader_data(cell, "grade") or grader_data(cell, "grade_id") in OF_THE_NOTEBOOK:
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), SKIPPED]
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(path.parent, folder, dirs_exist_ok=True)
            resources = {"metadata": {"path": folder}}
            NotebookClient(notebook, timeout=SECONDS_A_CELL, allow_errors=True, resources=resources).execute()
        kept.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, place)
    return nbformat.read(place, as_version=4)


def lesson_page(notebook: NotebookNode, pictures: Path) -> str:
    """Return a notebook as markdown.

    Args:
        notebook: a released notebook, played or not.
        pictures: an empty folder for its figures, beside the page.
    """
    parts = []
    for number, cell in enumerate(notebook.cells):
        if grader_data(cell, "grade_id") in OF_THE_NOTEBOOK:
            continue
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts += [code(cell), *outputs(cell, pictures / f"{number}")]
    return "\n\n".join(parts) + "\n"


def fenced(text: str, language: str) -> str:
    """Return text as a block of code, whatever backticks it holds."""
    return f"`````{language}\n{text.rstrip()}\n`````"


def code(cell: NotebookNode) -> str:
    """Return a cell's code, folded where the notebook folds it."""
    block = fenced(cell.source, "python")
    if not cell.metadata.get("jupyter", {}).get("source_hidden"):
        return block
    title = "Les vérifications" if grader_data(cell, "grade") else "Le code de cette cellule"
    return f"<details><summary>{title}</summary>\n\n{block}\n\n</details>"


def outputs(cell: NotebookNode, stem: Path) -> Iterator[str]:
    """Yield what a cell showed; one that failed for want of an answer says so instead."""
    if any(each.output_type == "error" for each in cell.outputs):
        if not grader_data(cell, "solution"):
            yield LATER
        return
    for number, output in enumerate(cell.outputs):
        data = output.get("data", {})
        if output.output_type == "stream" and output.name == "stdout":
            yield fenced(output.text, "text")
        elif WIDGET in data:
            yield f"*{data['text/plain']}*"
        elif PNG in data:
            yield picture(output, Path(f"{stem}-{number}.png"))
        elif "text/plain" in data:
            yield fenced(data["text/plain"], "text")


def picture(output: NotebookNode, place: Path) -> str:
    """Write a figure to its place; return the markdown that shows it with its alternative text."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(base64.b64decode(output.data[PNG]))
    alt = " ".join(output.metadata.get(PNG, {}).get("alt", "").split())
    return f"`````{{image}} {place.parent.name}/{place.name}\n:alt: {alt}\n`````"
