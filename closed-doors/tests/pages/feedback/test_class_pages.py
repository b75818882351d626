"""The pages of a class, from real grading to files."""

import json
import os
import re
import secrets
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from support.courses import ASSIGNMENT, HALF, RIGHT, TESTS, SmallCourse, master
from support.grading_run import autograde

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def graded(class_of_four: SmallCourse) -> SmallCourse:
    """A class of four of which three could be graded."""
    autograde(class_of_four)
    return class_of_four


def feedback(course: SmallCourse, *options: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(course.root), "feedback", ASSIGNMENT, *options])


def page(course: SmallCourse, student: str) -> Path:
    return course.root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"


def test_everybody_gets_a_page(graded: SmallCourse) -> None:
    """Right, half right and wrong work, and a file that is no notebook; the times of arrival stand beside them."""
    result = feedback(graded)
    assert result.exit_code == 0, result.output
    assert "4 written, 0 unchanged" in result.output
    assert "4 of them say that their mark is provisional" in result.output
    assert "13,33" in page(graded, "alice").read_text(encoding="utf-8")
    assert "n'a pas pu être corrigé" in page(graded, "damien").read_text(encoding="utf-8").replace("&#39;", "'")
    for student in ("alice", "bruno", "chloé d'Arc", "damien"):
        assert page(graded, student).with_name("timestamp.txt").read_text(encoding="utf-8").endswith(" UTC\n")


def test_only_what_changed_is_written(graded: SmallCourse) -> None:
    """A page that would be the same keeps its time; a comment changes one page; --force writes all."""
    feedback(graded)
    before = {path: path.stat().st_mtime_ns for path in graded.root.glob("feedback/*/**/*")}
    assert "0 written, 4 unchanged" in feedback(graded).output
    NbgraderCourse(graded.root).mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "bruno", 1.5, "Bien vu.")
    assert "1 written, 3 unchanged" in feedback(graded).output
    changed = [path for path, moment in before.items() if path.is_file() and path.stat().st_mtime_ns != moment]
    assert changed == [page(graded, "bruno")]
    assert "Bien vu." in page(graded, "bruno").read_text(encoding="utf-8")
    assert "4 written, 0 unchanged" in feedback(graded, "--force").output


def test_a_dry_run_writes_nothing(graded: SmallCourse) -> None:
    """It names whose page would be written."""
    result = feedback(graded, "--dry-run", "--student", "alice")
    assert result.output.splitlines()[0] == "would write the page of alice"
    assert "Nothing was written." in result.output
    assert not (graded.root / "feedback").exists()


def test_who_is_not_graded_is_named(graded: SmallCourse, course: SmallCourse) -> None:
    """A misspelt student gets an offer; an assignment that nobody's work is graded of says what to do first."""
    result = feedback(graded, "--student", "alise")
    assert result.exit_code == 1
    assert "Did you mean 'alice'" in result.output
    course.root.joinpath("gradebook.db").unlink()
    result = feedback(course)
    assert result.exit_code == 1
    assert f"run `course autograde {ASSIGNMENT}` first" in result.output


def test_a_damaged_file_stops_nobody_else(graded: SmallCourse) -> None:
    """Of a verdict file, of an autograded notebook, and of one that is gone: each is named with what to do."""
    verdicts = graded.root / "verdicts" / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.json"
    verdicts.write_text("{", encoding="utf-8")
    notebooks = {
        name: graded.root / "autograded" / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        for name in ("bruno", "chloé d'Arc")
    }
    notebooks["bruno"].unlink()
    notebooks["chloé d'Arc"].unlink()
    notebooks["chloé d'Arc"].write_text(json.dumps({"cells": [{"cell_type": "code", "source": 3}]}), encoding="utf-8")
    result = feedback(graded)
    assert result.exit_code == 1
    assert "1 written" in result.output
    for name in ("alice", "bruno", "chloé d'Arc"):
        assert f"no page for {name}: " in result.output
        assert not page(graded, name).exists()
    assert "course autograde" in result.output


def test_nbgraders_command_writes_the_same_bytes(graded: SmallCourse) -> None:
    """`nbgrader generate_feedback` and formgrader's button use the same page."""
    feedback(graded)
    ours = {name: page(graded, name).read_bytes() for name in ("alice", "bruno", "chloé d'Arc")}
    for name, wanted in ours.items():
        page(graded, name).unlink()
        NbgraderCourse(graded.root).generate_feedback(ASSIGNMENT, name)
        assert page(graded, name).read_bytes() == wanted


TOLD = """def double(n):
    print("reçu", n)
    raise ValueError(f"reçu {n}")"""


def test_nothing_hidden_reaches_a_page(course: SmallCourse) -> None:
    """Random values in hidden inputs, expected values, names and comments are on no page, whatever the code tells."""
    number, word = secrets.randbelow(10**12), f"canari_{secrets.token_hex(8)}"
    hidden = f'''### BEGIN HIDDEN TESTS
def test_{word}():
    """D'autres nombres."""
    {word} = "{word}"
    assert double({number}) == {2 * number}, "{word} {number}"
### END HIDDEN TESTS'''
    course.set_master(master(re.sub(r"### BEGIN HIDDEN.*END HIDDEN TESTS", hidden, TESTS, flags=re.DOTALL)))
    for student, answer in (("alice", TOLD), ("bruno", HALF), ("chloé", RIGHT)):
        course.submit(student, answer)
    autograde(course)
    assert "3 written" in feedback(course).output
    for student in ("alice", "bruno", "chloé"):
        text = page(course, student).read_text(encoding="utf-8")
        assert "autres nombres." in text
        assert not re.search(f"{number}|{2 * number}|{word}", text)


def test_a_class_is_told_apart(graded: SmallCourse) -> None:
    """No page holds another student's name or code."""
    feedback(graded)
    assert "n + 2" in re.sub(r"<[^>]+>", "", page(graded, "bruno").read_text(encoding="utf-8"))
    for student, others in {"alice": ("bruno", "n + 2"), "bruno": ("alice", "chloé", "2 * n")}.items():
        text = re.sub(r"<[^>]+>", "", page(graded, student).read_text(encoding="utf-8"))
        assert not any(other in text for other in others)


@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")  # nbgrader's own, as the next
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves a file open
@pytest.mark.parametrize("by_nbgrader", [False, True])
def test_release_feedback_hands_the_page_out(
    course: SmallCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_nbgrader: bool
) -> None:
    """The page reaches the exchange under the name that only its student can tell, as ever."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    course.submit("alice", RIGHT).with_name("submission_secret.txt").write_text("secret-d-alice", encoding="utf-8")
    autograde(course)
    if by_nbgrader:
        NbgraderCourse(course.root).generate_feedback(ASSIGNMENT, "alice")
    else:
        feedback(course)
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.course_id = str(course.root), "cours"
    config.Exchange.root = str(exchange)
    result = NbGraderAPI(CourseDirectory(config=config), config=config).release_feedback(ASSIGNMENT)
    assert result["success"], result["log"]
    released = (
        exchange / "cours" / "feedback" / f"{notebook_hash(secret='secret-d-alice', notebook_id=ASSIGNMENT)}.html"
    )
    assert released.read_bytes() == page(course, "alice").read_bytes()
