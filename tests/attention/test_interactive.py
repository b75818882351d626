"""Figures that answer: a choice draws figure and text anew; where no choice can be made, both stand as they begin."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from attention.interactive import ASLEEP, WITHOUT

PNG, WIDGET = "image/png", "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
DRAW = """
import matplotlib.pyplot as plt
from attention.interactive import choose, drag, predict


def draw(number):
    figure, ax = plt.subplots(figsize=(2, 2))
    ax.plot([0, 3 if number is None else number])
    return figure, f"Une droite qui monte à {number} <sans balise>."
"""
CHOICES = {
    "choose('Le token', ['zéro', 'un', 'deux'], 1, draw)": ("ToggleButtons", 2, "1", "2"),
    "drag('La largeur', range(2, 9), 4, draw)": ("IntSlider", 7, "4", "7"),
    "predict('La somme', ['monte', 'descend'], draw)": ("ToggleButtons", 0, "None", "0"),
}
CHANGE = """
from ipywidgets.widgets.widget import _instances
{control} = [widget for widget in _instances.values() if type(widget).__name__ == "{control}"][-1]
{control}.value = {value}
print({control}.description, len(plt.get_fignums()))
"""


def played(*sources: str) -> Any:
    """Return a notebook with these cells, run in a kernel that no front end looks at."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    NotebookClient(notebook, timeout=240).execute()
    return notebook


@pytest.fixture(scope="module")
def chosen() -> Any:
    """Each figure, twice: as it begins, and once more with another choice made."""
    changes = [(call, CHANGE.format(control=control, value=value)) for call, (control, value, *_) in CHOICES.items()]
    return played(DRAW, *(source for call, change in changes for source in (call, call, change)))


def figure_of(cell: Any) -> Any:
    (figure,) = [output for output in cell.outputs if PNG in output.data]
    return figure


@pytest.mark.slow
@pytest.mark.parametrize("call", CHOICES)
def test_a_choice_draws_figure_and_text_anew(chosen: Any, call: str) -> None:
    """Picture, alternative text and the sentence beneath the controls change with the choice; no figure stays open."""
    before, after, change = chosen.cells[1 + 3 * list(CHOICES).index(call) :][:3]
    *_, start, end = CHOICES[call]
    assert figure_of(before).data[PNG] != figure_of(after).data[PNG]
    for cell, number in ((before, start), (after, end)):
        text = f"Une droite qui monte à {number} &lt;sans balise&gt;."
        assert f'alt="{text}"' in figure_of(cell).data["text/html"]
        assert figure_of(cell).metadata[PNG]["alt"] == f"Une droite qui monte à {number} <sans balise>."
        assert f'<p role="status">{text}</p>' in said_under(cell, chosen)
    assert change.outputs[0].text.endswith(" 0\n")


def said_under(cell: Any, notebook: Any) -> str:
    """Return the sentence under a cell's controls, from the state that the notebook keeps of them."""
    states = notebook.metadata.widgets[STATE]["state"]
    (view,) = [output.data[WIDGET] for output in cell.outputs if WIDGET in output.data]
    _, said = states[view["model_id"]]["state"]["children"]
    return str(states[said.removeprefix("IPY_MODEL_")]["state"]["value"])


@pytest.mark.slow
def test_controls_have_names_and_a_text_in_their_place(chosen: Any) -> None:
    """Each control says what it chooses; where controls can't be drawn, a sentence says where they can."""
    names = [chosen.cells[number].outputs[0].text.rsplit(" ", 1)[0] for number in (3, 6, 9)]
    assert names == ["Le token", "La largeur", "La somme"]
    views = [output.data for cell in chosen.cells for output in cell.outputs if WIDGET in output.get("data", {})]
    assert [data["text/plain"] for data in views] == [ASLEEP] * 6


@pytest.mark.slow
def test_without_ipywidgets_the_figure_is_there_with_one_sentence() -> None:
    """A student who lacks the library reads how to get it, and sees every figure as it begins."""
    notebook = played("import sys\nsys.modules['ipywidgets'] = None", DRAW, *CHOICES)
    for cell, (*_, start, _) in zip(notebook.cells[2:], CHOICES.values(), strict=True):
        said, figure = cell.outputs
        assert said.text == f"{WITHOUT}\n"
        assert figure.metadata[PNG]["alt"] == f"Une droite qui monte à {start} <sans balise>."
        assert 'alt="Une droite' in figure.data["text/html"]


def test_a_script_draws_it_too(tmp_path: Path) -> None:
    """Outside a notebook nothing is said of controls, and nothing fails."""
    program = "\n".join([DRAW, *CHOICES])
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Figure(200x200)\n" * 3
