"""`course doctor ASSIGNMENT`: each fault of an author is named with its place."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from closed_doors.cli.main import main
from closed_doors.core.layout import Layout

ASSIGNMENT = "masque_causal"
Change = Callable[[dict[str, Any]], None]


def doctor(layout: Layout, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(layout.root), "doctor", *arguments])


def change(layout: Layout, edit: Change) -> None:
    path = layout.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    edit({cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"]})
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def marks(cell: str, **values: Any) -> Change:
    return lambda cells: cells[cell]["metadata"]["nbgrader"].update(values)


def text(cell: str, old: str, new: str) -> Change:
    def edit(cells: dict[str, Any]) -> None:
        assert old in cells[cell]["source"]
        cells[cell]["source"] = cells[cell]["source"].replace(old, new, 1)

    return edit


def more(cell: str, added: str) -> Change:
    def edit(cells: dict[str, Any]) -> None:
        cells[cell]["source"] += f"\n{added}"

    return edit


def both(one: Change, other: Change) -> Change:
    def edit(cells: dict[str, Any]) -> None:
        one(cells)
        other(cells)

    return edit


def without_grade_id(cells: dict[str, Any]) -> None:
    cells["resume"]["metadata"] = {}


def untagged(cells: dict[str, Any]) -> None:
    cells["effet-calcul"]["metadata"]["tags"] = ["demo"]


FAULTS: list[tuple[str, Change, str, str]] = [
    ("duplicate", marks("numpy-tril", grade_id="preparation"), "(preparation)", "is there 2 times"),
    ("missing", without_grade_id, "masque_causal.ipynb, cell ", "has no grade_id"),
    (
        "unknown_answer",
        marks("bonus-verification", grade_id="bonsu-verification"),
        "(bonus-reponse)",
        "no cell 'bonus-",
    ),
    ("unknown_test", marks("bonus-verification", grade_id="bonsu-verification"), "(bonsu-verification)", "an unknown"),
    ("unknown_elsewhere", marks("bonus-reponse", grade_id="bonus-response"), "", "used elsewhere and unknown here"),
    ("total", marks("exercice-3-verification", points=6), "masque_causal.ipynb", "the points add up to 21, not 20"),
    ("run_tests_points", marks("exercice-3-verification", points=6), "(exercice-3-verification)", "run_tests shares 5"),
    ("announced", text("exercice-3", "**5\xa0points**", "**4\xa0points**"), "(exercice-3)", "announces 4 points"),
    ("no_points", marks("exercice-3-verification", points=None), "(exercice-3-verification)", "without points"),
    ("bonus", marks("bonus-verification", points=1), "(bonus-verification)", "a bonus worth 1 points"),
    ("unlocked", marks("exercice-1-verification", locked=False), "(exercice-1-verification)", "students can edit"),
    ("locked_answer", marks("exercice-1-reponse", locked=True), "(exercice-1-reponse)", "students can't edit"),
    (
        "run_tests",
        text("exercice-1-verification", "\nrun_tests(points=4)", ""),
        "(exercice-1-v",
        "not end with run_tests",
    ),
    ("not_last", more("exercice-1-verification", "print(1)"), "(exercice-1-verification)", "not end with run_tests"),
    ("same_name", text("exercice-1-verification", "test_shape", "test_example"), "(exercice-1-v", "defined 2 times"),
    ("syntax", more("exercice-1-verification", "def ("), "(exercice-1-verification)", "not valid Python"),
    (
        "criterion",
        text("exercice-1-verification", '    """Le masque de 5 tokens est celui de l\'énoncé."""\n', ""),
        "(exercice-1-verification)",
        "test_example has no docstring",
    ),
    (
        "no_markers",
        text("bonus-reponse", "### BEGIN SOLUTION", "# ici"),
        "(bonus-reponse)",
        "END SOLUTION is not paired",
    ),
    ("no_end", text("bonus-reponse", "### END SOLUTION", ""), "(bonus-reponse)", "BEGIN SOLUTION has no END"),
    ("misspelt", text("bonus-reponse", "END SOLUTION", "END SOLUTIONS"), "(bonus-reponse)", "is no marker"),
    (
        "in_a_lesson",
        more("numpy-tril", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
        "(numpy-tril)",
        "no answer cell",
    ),
    (
        "hidden_in_a_lesson",
        more("numpy-tril", "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"),
        "(numpy-tril)",
        "no test cell",
    ),
    (
        "stub",
        text("bonus-reponse", "    ### END SOLUTION", "    ### END SOLUTION\n  x = 1"),
        "(bonus-reponse)",
        "not valid Python",
    ),
    ("image", more("resume", "![](masque.png)"), "(resume)", "masque.png has no alternative text"),
    ("image_tag", more("resume", "<img src='masque.png'>"), "(resume)", "an <img> without"),
    ("show", more("voir-masque", "show(visualize_causal_mask(4))"), "(voir-masque)", "show() without"),
    ("plt_show", more("voir-masque", "plt.show()"), "(voir-masque)", "a figure without an alternative text"),
    (
        "too_early",
        more("preparation", "print(mask_numpy)"),
        "(preparation)",
        "mask_numpy is used before it is defined, in",
    ),
    ("nowhere", more("preparation", "print(mask_nunpy)"), "(preparation)", "mask_nunpy is defined nowhere"),
    ("demo_only", untagged, "(effet-table)", "demo_weights_without is defined in effet-calcul, a demo cell"),
    (
        "solution_only",
        both(
            text("bonus-reponse", "### BEGIN SOLUTION", "### BEGIN SOLUTION\n    global helper\n    helper = 1"),
            more("controle-module", "helper"),
        ),
        "(controle-module)",
        "helper is defined inside the solution of bonus-reponse",
    ),
    (
        "of_both",
        both(
            more("bonus-reponse", "close = abs"),
            both(more("numpy-tril", "close = 1"), more("controle-module", "close")),
        ),
        "(controle-module)",
        "it uses close, which numpy-tril defines and the solution of bonus-reponse too",
    ),
    (
        "hidden_only",
        text("bonus-verification", "def check_window(", "check_mask\n\n\ndef check_window("),
        "(bonus-verification)",
        "check_mask is defined among the hidden tests of exercice-3-verification",
    ),
]


@pytest.mark.parametrize(("edit", "place", "reason"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_each_fault_is_named(course_copy: Layout, edit: Change, place: str, reason: str) -> None:
    """Reading the master is enough to find it: where, what, how to mend it, and exit code 1."""
    change(course_copy, edit)
    result = doctor(course_copy, ASSIGNMENT, "--no-run")
    assert result.exit_code == 1
    assert any(place in line and reason in line for line in result.output.splitlines()), result.output


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_running_finds_what_reading_can_not(course_copy: Layout) -> None:
    """A cell that fails, one that prints to stderr and a figure without a text are found by running the notebook."""

    def edit(cells: dict[str, Any]) -> None:
        more("numpy-tril", "import sys\nprint('attention', file=sys.stderr)")(cells)
        more("numpy-boucles", "1 / 0")(cells)
        more("quatre-etapes", "visualize_causal_mask(4)")(cells)

    change(course_copy, edit)
    result = doctor(course_copy, ASSIGNMENT, "--json")
    assert result.exit_code == 1
    findings = json.loads(result.stdout)
    found = {(finding["cell"], finding["reason"].split(":")[0]) for finding in findings if finding["cell"]}
    assert found == {
        ("numpy-tril", "the cell prints to stderr"),
        ("numpy-boucles", "the cell fails in the solved notebook"),
        ("quatre-etapes", "the figure has no alternative text"),
    }


def test_a_misspelt_assignment_is_one_sentence(repository: Layout) -> None:
    """The nearest name is offered."""
    result = doctor(repository, "masque_causl")
    assert result.exit_code == 1
    assert "Did you mean 'masque_causal'" in result.output


def test_options_go_with_an_assignment(tmp_path: Path) -> None:
    """`course doctor` alone looks at the machine, and has nothing to run."""
    assert CliRunner().invoke(main, ["doctor", "--no-run"]).exit_code == 2
    command = [Path(sys.executable).parent / "course", "doctor", "--json"]  # alone: it forks the process
    assert "tier" in json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_what_the_code_may_import_is_examined(course_copy: Layout) -> None:
    """A library that is not declared, one of another version, a module with the answer, a profile that names nobody."""
    root = course_copy.root
    profile = root / "course.toml"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("noyau_attention]", "noyau]")
        + '\n[requires]\nlibraries = ["matplotlib", "numpy>=99", "pandas", "seaborn"]\n',
        encoding="utf-8",
    )
    change(course_copy, more("preparation", "import yaml"))
    said = doctor(course_copy, ASSIGNMENT, "--no-run").output
    for part in (
        "[assignments.noyau] is no assignment of the course",
        "course.toml declares numpy>=99",
        "it imports pyyaml, which course.toml does not declare",
        "it imports torch, which course.toml does not declare",
    ):
        assert part in said, said
    change(course_copy, more("preparation", "def create_causal_mask(seq_len): ..."))
    change(course_copy, text("exercice-1-reponse", "def create_local_mask", "def create_causal_mask"))
    assert (
        "defines create_causal_mask: students are to write that" in doctor(course_copy, ASSIGNMENT, "--no-run").output
    )
