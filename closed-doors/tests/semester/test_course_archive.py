"""An archive holds everything that counts, and a course restored from it, elsewhere, has the same marks."""

import json
import shutil
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage.x25519
import pytest
from click.testing import CliRunner, Result

from closed_doors.classroom.class_run import Options
from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.receipts import read_receipts, write_receipts
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, HALF, RIGHT, SmallCourse, make_course
from support.grading_run import autograde, course_marks

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

DUE = datetime(2026, 10, 24, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """Late work, work in time, a mark by hand, work that came after grading, and what other commands leave."""
    course = make_course(tmp_path_factory.mktemp("archive") / "course", "\nc.PointsPerDay.points_per_day = 0.5\n")
    course.submit("anna", RIGHT)
    course.submit("dist", HALF)
    write_receipts(course.root, {("anna", ASSIGNMENT): DUE + timedelta(hours=30)})
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, DUE.isoformat())
    autograde(course)
    course_marks(course, "question", "anna", 1.5)
    course.submit("carl", RIGHT)
    (course.root / "moodle" / ASSIGNMENT).mkdir(parents=True)
    (course.root / "moodle" / ASSIGNMENT / "worksheet.csv").write_text("Identifier\n")
    (course.root / ".venv").mkdir()
    (course.root / ".venv" / "huge").write_text("x")
    (course.root / "submitted" / "carl" / "passwd").symlink_to("/etc/passwd")
    return course


def course(words: list[str], text: str | None = None) -> Result:
    return CliRunner().invoke(main, words, input=text)


def done(words: list[str], text: str | None = None) -> Result:
    result = course(words, text)
    assert result.exit_code == 0, result.output
    return result


def final(root: Path) -> dict[str, tuple[float, datetime | None]]:
    found = read_final_marks(read_settings(root), ASSIGNMENT)
    return {name: (one.score, one.received) for name, one in found.items()}


def test_a_restored_course_has_the_same_marks_when_it_is_graded_again(graded: SmallCourse, tmp_path: Path) -> None:
    """Marks, marks by hand, times of arrival, files; also of work that only the file system knew the time of."""
    target = tmp_path / "a.tar.gz"
    said = json.loads(done(["--root", str(graded.root), "archive", str(target), "--json"]).stdout)
    assert said["links_left_out"] == ["submitted/carl/passwd"]
    with tarfile.open(target) as tar:
        names = tar.getnames()
    there = {str(path.relative_to(graded.root)) for path in graded.root.rglob("*") if path.is_file()}
    hidden = {name for name in there if name.startswith(".") or name == "submitted/carl/passwd"}
    assert {name.removeprefix("course/") for name in names} - {"manifest.json"} == there - hidden
    done(["restore", str(target), str(tmp_path / "b"), "--json"])
    before = final(graded.root)
    assert final(tmp_path / "b") == before
    arrived = (graded.root / "submitted" / "carl" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").stat().st_ctime
    assert read_receipts(tmp_path / "b")["carl", ASSIGNMENT].timestamp() == int(arrived)
    restored = SmallCourse(tmp_path / "b")
    assert autograde(restored).graded == 1
    assert autograde(restored, Options(force=True)).graded == 3
    now = final(tmp_path / "b")
    assert {name: now[name] for name in before} == before
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("way", ["key", "passphrase"])
def test_only_the_key_opens_an_encrypted_archive(graded: SmallCourse, tmp_path: Path, way: str) -> None:
    """Nothing of it can be read without; with a wrong key nothing is written, with the right one all."""
    key, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    for name, one in (("key", key), ("other", other)):
        (tmp_path / name).write_text(f"# a key\n{one}\n")
    ours = ["--recipient", str(key.to_public())] if way == "key" else ["--passphrase"]
    target = tmp_path / "a.age"
    done(["--root", str(graded.root), "archive", str(target), *ours], "un secret\n")
    assert b"anna" not in target.read_bytes()
    right, wrong = (
        (["--identity", str(tmp_path / name)] if way == "key" else ["--passphrase"]) for name in ("key", "other")
    )
    for words, text in ([], None), (wrong, "autre\n"):
        failed = course(["restore", str(target), str(tmp_path / "b"), *words], text)
        assert failed.exit_code == 1, failed.output
        assert not (tmp_path / "b").exists()
    done(["restore", str(target), str(tmp_path / "b"), *right], "un secret\n")
    assert final(tmp_path / "b") == final(graded.root)


def test_a_damaged_archive_is_not_restored(graded: SmallCourse, tmp_path: Path) -> None:
    """A changed file, a cut-off one, another archive, a folder that is taken: each is said, and nothing is written."""
    target = tmp_path / "a.tar.gz"
    done(["--root", str(graded.root), "archive", str(target)])
    whole, changed, strange = target.read_bytes(), tmp_path / "changed.tar.gz", tmp_path / "strange.tar.gz"
    with tarfile.open(target) as tar:
        tar.extractall(tmp_path / "x", filter="data")
    (tmp_path / "x" / "course" / "received.csv").write_text("student_id,assignment_id,received\n")
    with tarfile.open(changed, "w:gz") as tar:
        tar.add(tmp_path / "x" / "course" / "received.csv", "course/received.csv")
        tar.add(tmp_path / "x" / "manifest.json", "manifest.json")
    with tarfile.open(strange, "w:gz") as tar:
        tar.add(tmp_path / "x", "../evil")
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    for name, said in (("changed", "damaged"), ("strange", "was not made by"), ("cut", "can't be restored")):
        failed = course(["restore", str(tmp_path / f"{name}.tar.gz"), str(tmp_path / "b")])
        assert (failed.exit_code, said in failed.output) == (1, True), failed.output
        assert not (tmp_path / "b").exists()
    shutil.copytree(graded.root, tmp_path / "taken", symlinks=True)
    assert course(["restore", str(target), str(tmp_path / "taken")]).exit_code == 1
    assert "Nothing was written" in done(["restore", str(target), "--dry-run"]).output


def test_an_archive_is_written_beside_the_course_and_not_inside(
    graded: SmallCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is what it leads to from the working directory: the teachers' guide's `../a.tar.gz` is outside."""
    monkeypatch.chdir(graded.root)
    assert "Nothing was written" in done(["archive", "../a.tar.gz", "--dry-run"]).stdout
    assert course(["archive", "a.tar.gz", "--dry-run"]).exit_code == 2
    assert course(["archive", f"../{graded.root.name}/a.tar.gz", "--dry-run"]).exit_code == 2
