"""Whose files are, that different accounts write in turn, and what two commands at once do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replace
from closed_doors.core.locks import only_one
from closed_doors.core.ownership import make_folder
from closed_doors.grading.verdict.timings import note_timing
from closed_doors.nbgrader.gradebook_database import Database

ACCOUNT, GROUP = 12_345, 23_456
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@as_root
def test_what_root_makes_is_the_folders_owners(tmp_path: Path) -> None:
    """Files, folders and locks in a service account's course are that account's, whoever makes them."""
    tmp_path.chmod(0o750)
    os.chown(tmp_path, ACCOUNT, GROUP)
    replace(tmp_path / "verdicts" / "alice" / "petit.json", b"{}")
    with only_one(tmp_path / ".lock", "busy"):
        pass
    made = [*tmp_path.rglob("*")]
    assert len(made) == 4
    for path in made:
        assert (path.stat().st_uid, path.stat().st_gid) == (ACCOUNT, GROUP), path
        assert not path.stat().st_mode & 0o020, path


def test_the_group_may_write_where_the_folder_lets_it(tmp_path: Path) -> None:
    """A folder that its group shares hands that on, setgid included; what is its owner's alone stays so."""
    tmp_path.chmod(0o2770)
    replace(tmp_path / "verdicts" / "petit.json", b"{}")
    replace(tmp_path / "moodle" / "students.json", b"{}", 0o600)
    assert (tmp_path / "verdicts").stat().st_mode & 0o7070 == 0o2070
    assert (tmp_path / "verdicts" / "petit.json").stat().st_mode & 0o777 == 0o664
    assert (tmp_path / "moodle" / "students.json").stat().st_mode & 0o777 == 0o600


def test_a_umask_keeps_nobody_of_the_group_out(tmp_path: Path) -> None:
    """Lock, gradebook and notes of a course that a group shares are the group's, made by a careful account too."""
    tmp_path.chmod(0o2770)
    mask = os.umask(0o077)
    try:
        with only_one(tmp_path / ".lock", "busy"):
            pass
        with Database(f"sqlite:///{tmp_path / 'gradebook.db'}").transaction() as db:
            db.execute(sa.text("CREATE TABLE x (y INTEGER)"))
        note_timing(tmp_path, "petit", "alice", "petit", 1.0, 1.0)
    finally:
        os.umask(mask)
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 3
    assert {path.stat().st_mode & 0o777 for path in made} == {0o660}


@as_root
def test_root_takes_nothing_from_its_owner(tmp_path: Path) -> None:
    """A gradebook that another account has made in root's folder stays that account's, whoever writes to it since."""
    tmp_path.chmod(0o2770)
    gradebook = tmp_path / "gradebook.db"
    gradebook.touch()
    os.chown(gradebook, ACCOUNT, GROUP)
    with Database(f"sqlite:///{gradebook}").transaction() as db:
        db.execute(sa.text("CREATE TABLE x (y INTEGER)"))
    assert (gradebook.stat().st_uid, gradebook.stat().st_gid) == (ACCOUNT, GROUP)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Rights are given to what was made, never to what a name points to."""
    other = tmp_path / "other"
    other.write_text("")
    other.chmod(0o600)
    folder = tmp_path / "shared"
    make_folder(folder)
    folder.chmod(0o2770)
    (folder / "file").symlink_to(other)
    replace(folder / "file", b"new")
    assert other.stat().st_mode & 0o777 == 0o600
    assert (folder / "file").read_bytes() == b"new"
    assert not (folder / "file").is_symlink()


HOLDS = """
import sys
from pathlib import Path
from closed_doors.core.locks import only_one
from closed_doors.core.ownership import make_folder
with only_one(Path(sys.argv[1]), "busy"):
    print("inside", flush=True)
    sys.stdin.readline()
"""


def test_the_second_waits_or_says_so(tmp_path: Path) -> None:
    """One gives up with the sentence, another waits until the first has ended, and says it before."""
    lock = tmp_path / "reports" / ".petit.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "inside\n"
    with pytest.raises(CourseError, match="busy"), only_one(lock, "busy"):
        pass
    said = []

    def waiting(busy: str) -> None:
        said.append(busy)
        holder.communicate("\n")

    with only_one(lock, "busy", waiting):
        assert holder.poll() == 0
    assert said == ["busy"]
