"""A new course: nbgrader's own files and folders, closed from the first day, and nothing overwritten."""

import json
import subprocess
from pathlib import Path

from click.testing import CliRunner

from closed_doors.classroom import cluster_certificates, running_server
from closed_doors.cli import entry
from closed_doors.cli.main import main
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.hand_in_queue import HAND_INS
from closed_doors.nbgrader.settings import read_settings
from closed_doors.serving.api_tokens import TOKENS_NAME
from support.courses import ASSIGNMENT, RIGHT, SmallCourse, master
from support.grading_run import autograde


def _init(*options: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["init", *options], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def test_a_new_course_grades_its_first_work(tmp_path: Path) -> None:
    """What init writes is read by nbgrader and by the grader, and a first submission has its mark."""
    _init(str(tmp_path / "course"), "--language", "fr", "--course-id", "mine")
    course = SmallCourse(tmp_path / "course")
    assert read_profile(course.root).language == "fr"
    config = read_settings(course.root).config
    assert config.CourseDirectory.course_id == "mine"
    assert "closed_doors.classroom.served_button.ServedClosedDoors" in config.Autograde.autograde_preprocessors
    course.set_master(master())
    NbgraderCourse(course.root).register(ASSIGNMENT)
    course.submit("alice", RIGHT)
    assert autograde(course).graded == 1
    assert course.grades()["alice", "verification"] == (4.0, None, 0)
    ignored = (course.root / ".gitignore").read_text(encoding="utf-8").splitlines()
    made = {path.name for path in course.root.iterdir()} - {"source", "release", "nbgrader_config.py", "course.toml"}
    assert all({f"/{name}/", f"/{name}", "*.db"} & set(ignored) for name in made - {".gitignore"})


def test_git_is_kept_from_students_and_keys(tmp_path: Path) -> None:
    """What arrives at a server, the lists that name students and the keys of a cluster enter no git of a new course."""
    _init(str(tmp_path))
    sockets = (running_server.SOCKET, entry.SOCKET)
    for name in (f"{HAND_INS}/1/ps1.ipynb", TOKENS_NAME, *sockets, f"{cluster_certificates.FOLDER}/client/key.pem"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("participants.csv", "roster.csv", "received.csv", "gradebook.db", "scratch/quality.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    seen = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"], cwd=tmp_path, check=True, capture_output=True
    )
    assert {line[3:] for line in seen.stdout.decode().splitlines()} == {
        ".gitignore",
        "course.toml",
        "nbgrader_config.py",
    }


def test_what_is_there_stays(tmp_path: Path) -> None:
    """A file of the same name is left to the byte, and what it lacks is said; a dry run writes nothing."""
    (tmp_path / ".gitignore").write_text("mine\n/submitted/\n")
    told = json.loads(_init(str(tmp_path), "--dry-run", "--json"))
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]
    assert told["files"] == ["nbgrader_config.py", "course.toml"]
    assert "/autograded/" in told["not_ignored"]
    assert "/submitted/" not in told["not_ignored"]
    assert {**json.loads(_init(str(tmp_path), "--json")), "written": False} == told
    assert (tmp_path / ".gitignore").read_text() == "mine\n/submitted/\n"
    assert "course adopt" in _init(str(tmp_path), code=1)
