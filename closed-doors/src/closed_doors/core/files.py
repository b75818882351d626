"""Files and folders that are either as they were or wholly new, whenever the program is killed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from closed_doors.core.ownership import give_to_folder, give_tree_to_folder, make_folder


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file in one step.

    Args:
        path: the file; its folder is made where it is missing.
        data: its new content.
        mode: its rights; the folder's group gets those of its owner where it may write to the folder.

    Raises:
        OSError: the disk is full or the folder can't be written to; the old file is as it was.
    """
    make_folder(path.parent)
    fresh = path.with_name(f".{path.name}.part")  # one name, so that what a killed program left is overwritten
    try:
        fresh.unlink(missing_ok=True)
        fresh.write_bytes(data)
        fresh.chmod(mode)
        give_to_folder(fresh)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        error.filename = error.filename or str(path)  # a full disk is told without it
        raise


@contextmanager
def replacement(target: Path, keep: Path | None = None) -> Iterator[Path]:
    """Give a folder to write into, beside another, and put it in that one's place once all is written.

    Where writing fails, the old folder is as it was. A program that is killed between the two renames leaves the old
    one under another name; the next call puts it back before it begins.

    Args:
        target: what is replaced; it need not exist, and what is above it is made.
        keep: where the old one goes; it is removed by default.

    Yields:
        An empty folder.

    Raises:
        OSError: the disk is full or a folder can't be written to.
    """
    make_folder(target.parent)
    fresh, old = (target.with_name(f".{target.name}.{name}") for name in ("part", "old"))
    if os.path.lexists(old) and not os.path.lexists(target):
        old.rename(target)
    for left in (fresh, old):
        _remove(left)
    fresh.mkdir()
    try:
        yield fresh
        give_tree_to_folder(fresh)
        if os.path.lexists(target):
            target.rename(old)
        fresh.rename(target)
    except BaseException:
        _remove(fresh)
        raise
    if keep is None:
        _remove(old)
    elif os.path.lexists(old):
        make_folder(keep.parent)
        shutil.move(old, keep)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
