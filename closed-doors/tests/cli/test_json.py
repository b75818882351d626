"""What `--json` prints is JSON and nothing else, whatever the command says besides."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from closed_doors.cli.main import main
from support.courses import ASSIGNMENT, SmallCourse
from support.grading_run import autograde

REPORTS = (
    (["feedback", ASSIGNMENT], "written"),
    (["feedback", ASSIGNMENT, "--dry-run"], "written"),
    (["report", ASSIGNMENT], "to_look_at"),
    (["report", ASSIGNMENT, "--dry-run"], "moved"),
    (["doctor", ASSIGNMENT, "--no-run"], "reason"),
    (["sync", "--check"], "differences"),
    (["release", ASSIGNMENT, "--dry-run", "--no-run"], "findings"),
    (["mutate", ASSIGNMENT, "--dry-run"], ""),
    (["status"], "next"),
    (["marks"], "students"),
    (["student", "list"], "extensions"),
    (["due", ASSIGNMENT, "--dry-run"], "marks"),
)


@pytest.fixture(scope="module")
def graded(registered: SmallCourse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    root = tmp_path_factory.mktemp("json") / "course"
    shutil.copytree(registered.root, root)
    SmallCourse(root).submit("anna", "def double(n):\n    return 2 * n")
    autograde(SmallCourse(root))
    return root


@pytest.mark.parametrize(("words", "key"), REPORTS, ids=[" ".join(words) for words, _ in REPORTS])
def test_standard_output_is_json(graded: Path, words: list[str], key: str) -> None:
    """A program reads it whole; what a person would read goes to standard error."""
    done = CliRunner().invoke(main, ["--root", str(graded), *words, "--json"])
    assert done.exit_code in (0, 1), done.output
    found = json.loads(done.stdout)
    assert key in str(found)
