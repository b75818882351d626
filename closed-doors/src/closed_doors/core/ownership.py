"""Whose files are: what is made in a folder belongs to whom the folder belongs.

Its group may write where the group may write to the folder. So root and a service account, or several people of a
group, grade the same course in turn.
"""

import os
import stat
from pathlib import Path


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        OSError: it can't be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    give_to_folder(path)


def give_to_folder(path: Path, shared: bool = False) -> None:
    """Give what was just made to the owner and the group of the folder that it lies in.

    Only root can give a file away, and gives none but its own, so for others the owner stays; rights of the group are
    never taken.

    Args:
        path: a file or folder, not a link.
        shared: whether it is there for everybody who works on the course: if nobody else may read it, that is a umask's
            doing.
    """
    folder, mine = path.parent.stat(), path.lstat()
    if os.geteuid() == mine.st_uid == 0 and (folder.st_uid, folder.st_gid) != (mine.st_uid, mine.st_gid):
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)
    if (
        folder.st_mode & stat.S_IWGRP
        and not stat.S_ISLNK(mine.st_mode)
        and mine.st_uid in (os.geteuid(), folder.st_uid)
    ):
        _open_to_group(path, mine.st_mode, folder.st_mode, shared)


def give_tree_to_folder(path: Path) -> None:
    """Do what `give_to_folder` does for a folder and for all that lies in it."""
    for each in (path, *sorted(path.rglob("*"))):
        give_to_folder(each)


def _open_to_group(path: Path, mode: int, folder: int, shared: bool) -> None:
    """Give the group what the owner has; a folder hands its group on, as the one above does."""
    private = not shared and not mode & (stat.S_IRGRP | stat.S_IROTH)  # names and addresses stay their owner's
    wanted = mode if private and stat.S_ISREG(mode) else mode | (mode & stat.S_IRWXU) >> 3
    if stat.S_ISDIR(mode):
        wanted |= folder & stat.S_ISGID
    if wanted != mode:
        path.chmod(stat.S_IMODE(wanted))
