"""The `course` command as a person types it."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from closed_doors.cli.main import main
from closed_doors.core.layout import Layout


def course(layout: Layout, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(layout.root), *arguments])


def test_help_names_every_command() -> None:
    """The help lists what can be done, and loads nothing that takes time."""
    program = (
        "import sys; from click.testing import CliRunner; from closed_doors.cli.main import main;"
        "print(CliRunner().invoke(main, ['--help']).output);"
        "print([n for n in ('nbgrader', 'torch', 'numpy', 'jupytext', 'nbformat', 'sqlalchemy') if n in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    named = ("autograde", "demo", "doctor", "due", "feedback", "regrade", "release", "sync")
    assert all(command in output for command in named)
    assert output.strip().endswith("[]")


def test_the_old_name_of_hints_still_works_and_is_not_shown(repository: Layout) -> None:
    """`course diagnosis` is `course hints`; the help names the new one only."""
    old, new = (course(repository, name, "--check") for name in ("diagnosis", "hints"))
    assert (old.exit_code, old.output) == (new.exit_code, new.output) == (0, new.output)
    listed = course(repository, "--help").output
    assert "hints" in listed
    assert "diagnosis" not in listed


def test_outside_a_course_the_message_is_one_sentence(tmp_path: Path) -> None:
    """No traceback: what was looked for, and what to do."""
    result = CliRunner().invoke(main, ["--root", str(tmp_path), "sync"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "is not inside a course" in result.output


def test_sync_check_fails_where_a_pair_disagrees(course_copy: Layout) -> None:
    """`sync --check` writes nothing, names the cell and exits with 1; `sync` mends it."""
    text = course_copy.masters / "masque_causal" / "masque_causal.py"
    text.write_text(text.read_text(encoding="utf-8").replace("## 10. Résumé", "## 10. En bref"), encoding="utf-8")
    checked = course(course_copy, "sync", "--check")
    assert checked.exit_code == 1
    assert "En bref" in checked.output
    assert course(course_copy, "sync", "--from", "masters").exit_code == 0
    assert course(course_copy, "sync", "--check").exit_code == 0


def test_sync_makes_the_notebook_of_a_new_text(course_copy: Layout) -> None:
    """An assignment that exists as text only is written to source/ by its name."""
    (course_copy.source / "masque_causal" / "masque_causal.ipynb").unlink()
    assert course(course_copy, "sync", "masque_causal").exit_code == 0
    assert (course_copy.source / "masque_causal" / "masque_causal.ipynb").exists()


@pytest.mark.parametrize("command", ["autograde", "regrade"])
def test_grading_offers_the_nearest_names(course_copy: Layout, command: str) -> None:
    """A misspelt assignment or student is one sentence and exit code 1."""
    result = course(course_copy, command, "masque_causa")
    assert result.exit_code == 1
    assert "Did you mean 'masque_causal'" in result.output
    (course_copy.root / "submitted" / "alice" / "masque_causal").mkdir(parents=True)
    result = course(course_copy, command, "masque_causal", "--student", "alise", "--dry-run")
    assert result.exit_code == 1
    assert "Did you mean 'alice'" in result.output


def test_grading_loads_no_nbgrader_where_nothing_is_late(course_copy: Layout) -> None:
    """The driver's modules start fast: they load neither nbgrader nor torch, Dask or nbformat."""
    program = (
        "import sys, closed_doors.cli.autograde_console;"
        "print([n for n in ('nbgrader', 'torch', 'numpy', 'nbformat', 'distributed', 'jupytext') if n in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"


def test_release_offers_the_nearest_assignment(course_copy: Layout) -> None:
    """A misspelt name is not an empty run."""
    result = course(course_copy, "release", "masque_causa")
    assert result.exit_code == 1
    assert "Did you mean 'masque_causal'" in result.output


def test_release_is_never_untried(course_copy: Layout) -> None:
    """Leaving notebooks unexecuted, or naming a folder, goes with --check."""
    assert course(course_copy, "release", "--no-run").exit_code == 2
    result = course(course_copy, "release", str(course_copy.source))
    assert result.exit_code == 2
    assert "add --check to scan it" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--student", "zoe"], "has no student zoe"), (["--scratch", "."], "no demo made it")],
)
def test_demo_refuses_by_name(course_copy: Layout, arguments: list[str], message: str) -> None:
    """An unknown student, or a folder that holds something else, is refused before anything is removed."""
    arguments = [str(course_copy.root) if argument == "." else argument for argument in arguments]
    result = course(course_copy, "demo", *arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert (course_copy.source / "masque_causal" / "masque_causal.ipynb").exists()
