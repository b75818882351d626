"""Files and folders that are as they were or wholly new."""

from pathlib import Path

import pytest

from closed_doors.core.files import replacement


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file.txt").write_text(text)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def fail(target: Path, error: type[BaseException]) -> None:
    """Write half of a folder."""
    with replacement(target) as fresh:
        assert not list(fresh.iterdir())
        write(fresh, "new")
        raise error


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    """What stood there is gone, what was written stands there, and nothing lies beside it."""
    target = tmp_path / "course" / "site"
    write(target / "old", "old")
    with replacement(target) as fresh:
        write(fresh, "new")
        assert (target / "old" / "file.txt").read_text() == "old"
    assert names(tmp_path / "course") == {"site", "site/file.txt"}


def test_where_writing_fails_the_old_folder_stays(tmp_path: Path) -> None:
    """Whatever stops the writing, an interruption too, the old folder is as it was."""
    target = tmp_path / "site"
    write(target, "old")
    for stop in (OSError, KeyboardInterrupt):
        with pytest.raises(stop):
            fail(target, stop)
    assert (target / "file.txt").read_text() == "old"
    assert names(tmp_path) == {"site", "site/file.txt"}


def test_what_was_there_may_be_kept(tmp_path: Path) -> None:
    """A folder, or a link in its place, goes where it is asked for; what the link leads to is untouched."""
    write(tmp_path / "elsewhere", "linked")
    target, earlier = tmp_path / "work", tmp_path / "earlier"
    target.symlink_to(tmp_path / "elsewhere")
    for number, text in enumerate(("first", "second")):
        with replacement(target, earlier / str(number)) as fresh:
            write(fresh, text)
    assert (target / "file.txt").read_text() == "second"
    assert (earlier / "0").is_symlink()
    assert (earlier / "1" / "file.txt").read_text() == "first"
    assert (tmp_path / "elsewhere" / "file.txt").read_text() == "linked"


def test_what_a_killed_run_left_is_put_in_order(tmp_path: Path) -> None:
    """Half a new folder is dropped; an old one that had been moved away comes back, also where this run fails."""
    target = tmp_path / "site"
    write(tmp_path / ".site.part", "half")
    write(tmp_path / ".site.old", "old")
    with pytest.raises(OSError, match=r"^$"):
        fail(target, OSError)
    assert (target / "file.txt").read_text() == "old"
    assert names(tmp_path) == {"site", "site/file.txt"}
