"""What the checks say where the kernel remembers something else than the notebook holds."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.student_kernels import StudentKernel, student_kernel

pytestmark = pytest.mark.slow

SETUP = "import numpy as np\nfrom checks import check_notebook, run_tests, weight"
RIGHT = "def {name}(x):\n    return 2 * x"
CHECK = '''
def test_one():
    """Le double de 1 est 2."""
    assert {name}(1) == 2

def test_two():
    """Le double de 2 est 4."""
    assert {name}(2) == 4

run_tests(points=2)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the notebook lies."""
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def kernel(folder: Path) -> Iterator[StudentKernel]:
    """One kernel for all; each test has functions and cells of its own."""
    with student_kernel(folder, notebook=folder / "devoir.ipynb") as kernel:
        assert not kernel.run(SETUP, "setup").error
        yield kernel


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test defines."""
    return str(request.node.name).split("[")[0]


def answer(kernel: StudentKernel, name: str, source: str = RIGHT, cell: str = "") -> str:
    """Run the answer cell; return the error that stopped it."""
    return kernel.run(source.replace("{name}", name), cell or f"{name}-answer").error


def check(kernel: StudentKernel, name: str) -> str:
    """Run the checks, and return what they say."""
    shown = kernel.run(CHECK.replace("{name}", name), f"{name}-check")
    assert not shown.error
    return shown.text


def save(folder: Path, cells: list[tuple[str, str]]) -> None:
    """Save the notebook, some time after everything so far was run."""
    content = {
        "cells": [
            {"cell_type": "code", "id": key, "source": source, "metadata": {}, "outputs": [], "execution_count": None}
            for key, source in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "devoir.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    os.utime(path, (time.time() + 60, time.time() + 60))


@pytest.mark.parametrize(
    ("broken", "where", "why"),
    [
        ("def {name}(x):\n    y = 2\n    return 2x", "ligne 3", "SyntaxError"),
        ("import qui_n_existe_pas\ndef {name}(x):\n    return 2 * x", "ligne 1", "un import échoue"),
        ("raise NotImplementedError()\ndef {name}(x):\n    return 2 * x", "ligne 1", "effacez cette ligne"),
    ],
)
def test_a_cell_that_failed_since_gives_no_tick(
    kernel: StudentKernel, name: str, broken: str, where: str, why: str
) -> None:
    """The old function would pass; the check names the failure and its line, once, and ticks nothing."""
    assert answer(kernel, name) == ""
    assert check(kernel, name).count("✓") == 2
    assert answer(kernel, name, broken)
    text = check(kernel, name)
    assert "✓" not in text
    assert text.count(f"La dernière exécution de la cellule qui définit {name} a échoué, {where} : ") == 1
    assert why in text
    assert "0 critère réussi sur 2 : 0 point sur 2." in text
    assert answer(kernel, name) == ""
    assert check(kernel, name).count("✓") == 2


def test_a_function_that_no_cell_defines_any_more_gives_no_tick(kernel: StudentKernel, name: str) -> None:
    """Renamed in its own cell, it lives on in memory only; the menu's French words say what to do."""
    answer(kernel, name)
    answer(kernel, name, "def other_name(x):\n    return 2 * x")
    text = check(kernel, name)
    assert "✓" not in text
    assert f"Aucune cellule ne définit plus {name}" in text
    assert "menu Noyau, « Redémarrer le noyau et exécuter toutes les cellules… »" in text


def test_what_a_function_calls_counts_too(kernel: StudentKernel, name: str) -> None:
    """A helper of another cell that failed since makes the check say so."""
    answer(kernel, name, "def {name}_helper(x):\n    return 2 * x", cell=f"{name}-helper")
    answer(kernel, name, "def {name}(x):\n    return {name}_helper(x)")
    assert check(kernel, name).count("✓") == 2
    answer(kernel, name, "def {name}_helper(x)\n    return 2 * x", cell=f"{name}-helper")
    text = check(kernel, name)
    assert "✓" not in text
    assert f"cellule qui définit {name}_helper a échoué" in text


def test_a_second_cell_that_fails_takes_nothing_from_the_first(kernel: StudentKernel, name: str) -> None:
    """Two cells define it, and the first still stands: at grading, in order, it holds."""
    answer(kernel, name)
    assert answer(kernel, name, "def {name}(x):\n    return 2x", cell=f"{name}-draft")
    assert check(kernel, name).count("✓") == 2


def test_a_cell_that_fails_after_the_definition_keeps_its_ticks(kernel: StudentKernel, name: str) -> None:
    """A raise left behind at the end stops the cell, and not the grading; it is named with its line."""
    assert answer(kernel, name, f"{RIGHT}\n\nraise NotImplementedError()")
    text = check(kernel, name)
    assert text.count("✓") == 2
    assert f"La cellule qui définit {name} s'arrête ensuite, ligne 4 : raise NotImplementedError() y est resté" in text


def test_a_raise_that_nothing_reaches_is_named(kernel: StudentKernel, name: str) -> None:
    """After the return it harms nothing; the ticks stay, and its line is told."""
    answer(kernel, name, f"{RIGHT}\n    raise NotImplementedError()")
    text = check(kernel, name)
    assert text.count("✓") == 2
    assert f"À la ligne 3 de la cellule qui définit {name}, raise NotImplementedError() est resté" in text


def test_a_raise_left_behind_in_a_cell_below_is_named(kernel: StudentKernel, name: str) -> None:
    """The function was written above the cell that was meant for it: the ticks stay; once erased, all is well."""
    answer(kernel, name, cell=f"{name}-above")
    assert answer(kernel, name, "# votre code\nraise NotImplementedError()")
    text = check(kernel, name)
    assert text.count("✓") == 2
    assert f"après celle où {name} est définie s'arrête à la ligne 2 : raise NotImplementedError() y est resté" in text
    answer(kernel, name, "# votre code")
    assert "NotImplementedError" not in check(kernel, name)


def test_another_error_below_is_no_left_over(kernel: StudentKernel, name: str) -> None:
    """A draft of the student's that fails, or calls what is not written yet, is not spoken of."""
    answer(kernel, name)
    assert kernel.run("1 / 0", f"{name}-draft").error
    assert kernel.run("def later():\n    raise NotImplementedError()\nlater()", f"{name}-other").error
    text = check(kernel, name)
    assert text.count("✓") == 2
    assert "raise" not in text


def test_a_raise_left_behind_in_the_function_is_named(kernel: StudentKernel, name: str) -> None:
    """A function that comes as far as the stub's last line is written, and has one line too many."""
    answer(kernel, name, "def {name}(x):\n    result = 2 * x\n    raise NotImplementedError()")
    text = check(kernel, name)
    assert f"{name}(1) arrive à la ligne 3 de sa cellule, où « raise NotImplementedError() » est resté" in text
    assert "n'est pas encore écrite" not in text


def test_a_cell_that_never_worked_says_what_stopped_it(kernel: StudentKernel, name: str) -> None:
    """The function is written, and its cell stopped at a missing import: that comes first, and once."""
    assert answer(kernel, name, "base = nn.Module\ndef {name}(x):\n    return 2 * x")
    text = check(kernel, name)
    assert text.count(f"La cellule qui définit {name} s'est arrêtée à la ligne 1 : un nom n'existe pas") == 1
    assert "n'existe pas encore" not in text


def test_a_cell_magic_defines_as_its_text_does(kernel: StudentKernel, name: str) -> None:
    """%%time above an answer that is right again is no reason to doubt it."""
    answer(kernel, name)
    assert answer(kernel, name, "def {name}(x):\n    return 2x")
    assert answer(kernel, name, f"%%time\n{RIGHT}") == ""
    assert check(kernel, name).count("✓") == 2


def test_an_interrupted_check_can_be_run_again(kernel: StudentKernel, name: str) -> None:
    """What the check cell itself defines is new each time, whatever became of it the last time."""
    answer(kernel, name)
    tests = CHECK.replace("{name}", name)
    helper = "raise RuntimeError\ndef helper():\n    return 2\n"
    use = "def helper():\n    return 2\n" + tests.replace("== 2", "== helper()")
    assert kernel.run(use, f"{name}-check").text.count("✓") == 2
    assert kernel.run(helper + tests, f"{name}-check").error
    assert kernel.run(use, f"{name}-check").text.count("✓") == 2


def test_an_edited_cell_is_seen_in_the_file(kernel: StudentKernel, name: str, folder: Path) -> None:
    """Saved with another text than was run: the check says so, softly, and ticks nothing."""
    answer(kernel, name)
    saved = [(f"{name}-answer", "def {name}(x):\n    return 3 * x"), (f"{name}-check", CHECK)]
    save(folder, [(key, source.replace("{name}", name)) for key, source in saved])
    text = check(kernel, name)
    assert "✓" not in text
    assert "D'après le fichier enregistré, votre cellule a changé depuis sa dernière exécution" in text


def test_a_deleted_cell_is_seen_in_the_file(kernel: StudentKernel, name: str, folder: Path) -> None:
    """The answer's cell is gone from the notebook; a restart would show it."""
    answer(kernel, name)
    save(folder, [(f"{name}-check", CHECK)])
    text = check(kernel, name)
    assert "✓" not in text
    assert f"aucune cellule ne définit plus {name}" in text


def test_an_older_file_says_nothing(kernel: StudentKernel, name: str, folder: Path) -> None:
    """What was saved before the run can't tell what came after."""
    save(folder, [(f"{name}-answer", "autre chose"), (f"{name}-check", CHECK)])
    os.utime(folder / "devoir.ipynb", (1, 1))
    answer(kernel, name)
    assert check(kernel, name).count("✓") == 2


def test_another_notebooks_file_says_nothing(kernel: StudentKernel, name: str, folder: Path) -> None:
    """A file that lacks the very cell which runs is not this notebook's."""
    answer(kernel, name)
    save(folder, [(f"{name}-answer", "autre chose")])
    assert check(kernel, name).count("✓") == 2


def test_a_definition_further_down_is_advised_against(kernel: StudentKernel, name: str, folder: Path) -> None:
    """Run out of order, all passes now; from top to bottom it would not."""
    source = RIGHT.replace("{name}", name)
    answer(kernel, name)
    save(folder, [(f"{name}-check", CHECK), (f"{name}-answer", source)])
    text = check(kernel, name)
    assert text.count("✓") == 2
    assert f"{name} est définie plus bas dans le notebook" in text
    assert "« Redémarrer le noyau et exécuter toutes les cellules… »" in text


@pytest.mark.parametrize(
    ("below", "said"),
    [
        ("raise NotImplementedError()", "s'arrête à la ligne 1 : raise NotImplementedError() y est resté"),
        (
            "def {name}(x):\n    raise NotImplementedError()",
            "définit de nouveau {name}, et raise NotImplementedError()",
        ),
        ("def {name}(x):\n    return 2 * x", ""),
    ],
    ids=["bare", "stub", "written"],
)
def test_a_raise_below_is_seen_in_the_file(
    kernel: StudentKernel, name: str, folder: Path, below: str, said: str
) -> None:
    """A cell that did not run, between the definition and its check, would stop a restart or undo the definition."""
    key = f"{name}-{len(below)}"
    kernel.run(RIGHT.replace("{name}", name), key)
    cells = [(key, RIGHT), (f"{key}-below", below), (f"{name}-check", CHECK), ("later", "raise NotImplementedError()")]
    save(folder, [(cell, source.replace("{name}", name)) for cell, source in cells])
    text = check(kernel, name)
    assert text.count("✓") == 2
    assert said.replace("{name}", name) in text
    assert text.count("NotImplementedError") == bool(said)


def test_a_grading_run_is_judged_by_its_cells_alone(kernel: StudentKernel, name: str) -> None:
    """Where nobody sits at the notebook and cells have no names, a later failure takes no mark away."""
    kernel.run(RIGHT.replace("{name}", name), answers=False)
    assert kernel.run(f"def {name}(x):\n    return 2x", answers=False).error
    shown = kernel.run(CHECK.replace("{name}", name), answers=False)
    assert shown.text.count("✓") == 2
    assert shown.results[0]["text/plain"] == "2.0"
    shown = kernel.run(CHECK.replace("{name}", name))  # the same, and somebody who has rewritten the cell
    assert "✓" not in shown.text


def test_the_whole_notebook_is_checked_afresh(kernel: StudentKernel, name: str, folder: Path) -> None:
    """check_notebook runs the saved file in a new Python: what is only in memory is missing there."""
    cells = [
        ("setup", SETUP),
        (f"{name}-answer", "autre = 1"),
        (f"{name}-check", CHECK.replace("{name}", name)),
        (f"{name}-fails", "1 / 0"),
        (f"{name}-last", "check_notebook()"),
    ]
    kernel.run(RIGHT.replace("{name}", name), f"{name}-memory")
    save(folder, cells)
    text = kernel.run("check_notebook()", f"{name}-last").text
    assert text.startswith("Notebook exécuté à neuf, de la première à la dernière cellule :")
    assert "✗ Cellule 3 : 0 critère réussi sur 2, 0 sur 2" in text
    assert "✗ Le double de 1 est 2." in text
    assert "! Cellule 4, cellule de code 4 : la cellule s'arrête, ligne 1, ZeroDivisionError, division by zero." in text
    assert "En tout : 0 critère réussi sur 2." in text
    cells[1] = (f"{name}-answer", RIGHT.replace("{name}", name))
    save(folder, cells)
    assert "✓ Cellule 3 : 2 critères réussis sur 2, 2 sur 2" in kernel.run("check_notebook()", f"{name}-last").text


def test_an_unsaved_notebook_is_not_checked_whole(kernel: StudentKernel, name: str, folder: Path) -> None:
    """The file holds another text than was run last: the student is asked to save first."""
    answer(kernel, name)
    save(folder, [(f"{name}-answer", "avant = 1"), (f"{name}-last", "check_notebook()")])
    text = kernel.run("check_notebook()", f"{name}-last").text
    assert text.startswith("Le notebook n'est pas enregistré tel que vous l'avez exécuté.")


def test_a_grading_run_does_not_run_the_notebook_once_more(kernel: StudentKernel, folder: Path) -> None:
    """Where nobody sits at the notebook, check_notebook says one sentence and runs nothing."""
    save(folder, [("witness", "open('trace', 'w').close()")])
    text = kernel.run("check_notebook()", answers=False).text
    assert text.startswith("Le fichier de ce notebook n'a pas été trouvé.")
    assert not (folder / "trace").exists()
