"""Files that a test and the student's code have in common: plain ones, each in its own sandbox."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from closed_doors.grading.bridge import shared_files
from closed_doors.grading.bridge.folder_changes import DEEPEST, changes_in, files_in
from closed_doors.grading.bridge.shared_files import MOST_KEPT_BYTES, SharedFiles, clear_room, room_of
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.messages import FileContent
from support.small_notebooks import Small, graded_bare

SAVE = "def save(path, text):\n    with open(path, 'w') as file: file.write(text)"


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedFiles]:
    """Shared files of this process, which has been handed out one."""
    home, rooms = tmp_path / "home", tmp_path / "rooms"
    home.mkdir()
    rooms.mkdir()
    (home / "given.csv").write_text("a\n1\n", encoding="utf-8")
    monkeypatch.chdir(home)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(shared_files, "_ROOMS", str(rooms))
    yield SharedFiles()
    os.chdir(home)
    clear_room(os.getpid())
    assert not room_of(os.getpid()).exists()


def _files(shared: SharedFiles) -> list[str]:
    return sorted(path for path in files_in(shared.room) if path != shared_files.TEMPORARY)


@pytest.mark.parametrize(
    "path",
    ["numpy.py", "x/y.so", "a.pth", ".pdbrc", "../out", "/tmp/out", "a/../b", "", "a//b", "x\0y", "matplotlibrc"],
)
def test_no_file_that_is_run_or_lies_elsewhere_is_written(shared: SharedFiles, path: str) -> None:
    """Whatever the student's process says that it has written."""
    shared.take([FileContent(path, b"x")], lambda: True)
    assert _files(shared) == []


def test_names_depth_and_size_are_bounded(shared: SharedFiles) -> None:
    """Long names, deep folders and more bytes than a submission may have are left out."""
    shared.take([FileContent("n" * 1000, b"x"), FileContent("/".join("f" * (DEEPEST + 5)), b"x")], lambda: True)
    assert _files(shared) == []
    mib = b"x" * (1 << 20)
    shared.take([FileContent(f"f{number}", mib) for number in range(40)], lambda: True)
    assert len(_files(shared)) == MOST_KEPT_BYTES >> 20


def test_a_file_of_the_tests_or_the_lessons_stays(shared: SharedFiles) -> None:
    """It is changed only where the master's own solution changes one; nothing is written through a link."""
    Path("mine.txt").write_text("mine", encoding="utf-8")
    changes = [FileContent("mine.txt", b"theirs"), FileContent("given.csv", b"theirs"), FileContent("mine.txt")]
    shared.take(changes, lambda: False)
    assert Path("mine.txt").read_text(encoding="utf-8") == "mine"
    shared.take(changes[:2], lambda: True)
    assert Path("given.csv").read_text(encoding="utf-8") == "theirs"
    assert (shared.home / "given.csv").read_text(encoding="utf-8") == "a\n1\n"


def test_a_folder_of_theirs_does_not_go_with_a_file_of_the_tests(shared: SharedFiles) -> None:
    """Whoever has made a folder can remove it, or put a file there, only while nothing of the test's is inside."""
    shared.take([FileContent("out", folder=True), FileContent("out/theirs", b"1")], lambda: False)
    Path("out/mine").write_text("mine", encoding="utf-8")
    shared.changed()
    again = FileContent("out/mine", b"theirs")
    shared.take([FileContent("out"), FileContent("out", b"x"), FileContent("out", folder=True), again], lambda: False)
    assert Path("out/mine").read_text(encoding="utf-8") == "mine"
    Path("out/mine").unlink()
    shared.changed()
    shared.take([FileContent("out")], lambda: False)
    assert not Path("out").exists()


def test_a_write_in_the_tick_of_the_one_before_shows(shared: SharedFiles) -> None:
    """The kernel's clock for files goes by milliseconds: a file of the same size may be another one all the same."""
    shared.take([FileContent("x", b"1")], lambda: False)
    written = os.stat("x").st_mtime_ns + 1
    for text in ("2", "3"):
        Path("x").write_text(text, encoding="utf-8")
        os.utime("x", ns=(written, written))
        assert shared.changed() == [FileContent("x", text.encode())]
    shared.take([FileContent("x", b"4")], lambda: False)
    assert Path("x").read_text(encoding="utf-8") == "3"
    assert shared.changed() == []


def test_what_came_is_not_sent_back(shared: SharedFiles) -> None:
    """Only what the test writes itself goes to the student's process."""
    shared.take([FileContent("theirs.txt", b"x")], lambda: False)
    Path("mine.txt").write_text("mine", encoding="utf-8")
    assert [content.path for content in shared.changed()] == ["mine.txt"]
    Path("theirs.txt").unlink()
    assert shared.changed() == [FileContent("theirs.txt")]


def test_no_link_of_the_students_is_read(tmp_path: Path) -> None:
    """Nor is a pipe waited for."""
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    assert changes_in(tmp_path, {}, files_in(tmp_path)) == []
    assert changes_in(tmp_path, {}, {"link": (0, 1, 0)}) == []


def test_a_wrong_file_and_none_earn_nothing(zygote: Zygote) -> None:
    """Nor does a submission meet what an earlier one has written."""
    tests = "save('out.txt', 'abc')\nassert open('out.txt').read() == 'abc'"
    assert graded_bare(zygote, SAVE, SAVE, tests).earned == 2
    assert graded_bare(zygote, SAVE.replace("write(text)", "write('')"), SAVE, tests).earned == 0
    assert graded_bare(zygote, "def save(path, text): pass", SAVE, tests).earned == 0


def test_what_the_test_expects_is_not_rewritten(zygote: Zygote) -> None:
    """A file in which the test keeps what it expects is the test's, where the solution leaves it alone."""
    solution = "def double(x): return 2 * x"
    answer = "def double(x):\n    open('expected.txt', 'w').write('0')\n    return 0"
    tests = (
        "with open('expected.txt', 'w') as file:\n    file.write('4')\n"
        "made = double(2)\nassert made == int(open('expected.txt').read())"
    )
    assert graded_bare(zygote, solution, solution, tests).earned == 2
    assert graded_bare(zygote, answer, solution, tests).earned == 0


def test_named_criteria_share_files_too(zygote: Zygote) -> None:
    """A test function of run_tests reads what the student's function has written."""
    small = Small().lesson("from checks import run_tests").answer(SAVE)
    test = "def test_saved():\n    'saved'\n    save('x', 'a')\n    assert open('x').read() == 'a'"
    small.grading(f"{test}\nrun_tests(points=2)", 2)
    (verdict,) = small.grade(zygote, prove=True).verdicts.values()
    assert verdict.earned == 2
