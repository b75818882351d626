"""Files that a test and the student's code have in common, in a folder of this submission's own.

`save("out.txt")`, then `open("out.txt")` in the test; or the test writes and the student's function reads. Each side
has its own folder, in its own sandbox. In a cell that speaks of files, what one has changed there is written on the
other side: what the test writes always; what the student's process says that it has written as plain files only, that
no import and no library reads by itself, and in the place of a file of the test's or the lesson's only where the
master's own solution changes one too.
"""

import contextlib
import functools
import importlib.machinery
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from closed_doors.grading.bridge.folder_changes import DEEPEST, MOST_BYTES, MOST_FILES, Seen, changes_in, files_in, put
from closed_doors.grading.protocol.messages import FileContent

LONGEST_NAME = 100
MOST_KEPT_BYTES = 16 << 20  # of the student's, in all
TEMPORARY = "temporary_files"
_ROOMS = "/tmp"  # noqa: S108  (the sandbox's own)
_SPEAKS_OF_FILES = re.compile(
    r"\bopen\(|tempfile|\bos\.(?:path|remove|listdir|stat|unlink|makedirs|mkdir)|\bPath\(|pathlib|\bglob\b|shutil"
    r"|\.(?:exists|is_file|is_dir|read_text|write_text|read_bytes|write_bytes|iterdir)\("
    r"|\.(?:read_csv|read_json|read_excel|to_csv|to_json|savetxt|loadtxt|genfromtxt|load|save|savez)\("
)
_CODE = (*importlib.machinery.all_suffixes(), ".pth", ".egg", ".whl", ".zip")  # what an import would run
_READ_BY_ITSELF = ("matplotlibrc", "conftest", "setup.cfg", "pytest.ini", "tox.ini", "pyproject.toml")


@functools.lru_cache(maxsize=1024)
def speaks_of_files(source: str) -> bool:
    """Whether a cell reads or writes files."""
    return _SPEAKS_OF_FILES.search(source) is not None


def room_of(pid: int) -> Path:
    """Return the folder of an examiner's shared files."""
    return Path(_ROOMS, f"work-{pid}")


def lies_in_room(path: str) -> bool:
    """Whether a path is that of a file, or of a part of one, that was written into the shared folder by whomever."""
    room, there = room_of(os.getpid()), Path(os.path.realpath(path))
    while room in there.parents:
        if there.is_file():  # an archive may have parts below its name
            return True
        there = there.parent
    return False


def clear_room(pid: int) -> None:
    """Remove what an examiner that has ended shared: no other one meets it."""
    shutil.rmtree(room_of(pid), ignore_errors=True)


class SharedFiles:
    """The folder of one submission in the examiner's sandbox, into which it moves.

    What was handed out, and what the lesson has written, is there by links.
    """

    def __init__(self) -> None:
        self.home = Path.cwd()
        self.room = room_of(os.getpid())
        self.room.mkdir()
        self._theirs: set[str] = set()
        self._kept = 0
        _link(self.home, self.room, DEEPEST)
        (self.room / TEMPORARY).mkdir()
        tempfile.tempdir = str(self.room / TEMPORARY)
        os.chdir(self.room)
        self._seen: Seen = files_in(self.room)

    def changed(self) -> list[FileContent]:
        """Return what the test has written since."""
        now = files_in(self.room)
        found = changes_in(self.room, self._seen, now)
        self._seen = now
        self._theirs -= {content.path for content in found}
        return found

    def take(self, changes: Sequence[FileContent], may_replace: Callable[[], bool]) -> None:
        """Write what the student's process says that it has changed.

        Args:
            changes: from anybody.
            may_replace: whether a file of the test's or of the lesson's may be changed here.
        """
        for content in changes[:MOST_FILES]:
            if _is_allowed(self.room, content) and not self._is_known(content):
                if content.data is None and not content.folder and not os.path.lexists(self.room / content.path):
                    continue
                if not self._holds_mine(content.path) or may_replace():
                    self._write(content)
        self._seen = files_in(self.room)

    def _holds_mine(self, path: str) -> bool:
        """Whether a file of the test's or of the lesson's is there, or in the folder that is there."""
        place = self.room / path
        there = [place, *place.rglob("*")] if place.is_dir() and not place.is_symlink() else [place]
        return any(
            os.path.lexists(each) and each.relative_to(self.room).as_posix() not in self._theirs for each in there
        )

    def _write(self, content: FileContent) -> None:
        self._kept += len(content.data or b"")
        if self._kept <= MOST_KEPT_BYTES:
            with contextlib.suppress(OSError, ValueError):
                put(self.room, content)
                self._theirs.add(content.path)

    def _is_known(self, content: FileContent) -> bool:
        """Whether just this is there already."""
        path = self.room / content.path
        if content.folder:
            return path.is_dir()
        with contextlib.suppress(OSError):
            return content.data is not None and path.is_file() and path.read_bytes() == content.data
        return False


def _is_allowed(room: Path, content: FileContent) -> bool:
    parts = content.path.split("/")
    if not 0 < len(parts) <= DEEPEST + 1 or len(content.data or b"") > MOST_BYTES:
        return False
    if not all(part and part.isprintable() and part[0] != "." and len(part) <= LONGEST_NAME for part in parts):
        return False
    name = parts[-1].lower()
    folders = [room.joinpath(*parts[:end]) for end in range(1, len(parts))]
    return not name.endswith(_CODE) and name not in _READ_BY_ITSELF and not any(map(Path.is_symlink, folders))


def _link(source: Path, target: Path, deepest: int) -> None:
    """Let a folder have another's files by links; packages are linked as a whole, as nobody writes there."""
    for entry in sorted(os.scandir(source), key=lambda each: each.name):
        here = target / entry.name
        if entry.is_dir(follow_symlinks=False) and deepest and not (Path(entry.path) / "__init__.py").exists():
            here.mkdir()
            _link(Path(entry.path), here, deepest - 1)
        else:
            here.symlink_to(entry.path)
