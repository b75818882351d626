"""Moodle's archive "Download all submissions", read as a file that anybody may have written.

Relied on (mod/assign, Moodle 3.x to 5.x): with "Download submissions in folders", a file stands in the folder
`Full name_123_assignsubmission_file` (with `_` at its end before 4.1), in the student's own subfolders; without it, it
is named `Full name_123_assignsubmission_file_work.ipynb`. 123 is the participant's number. Names hidden from graders
read `Participant_123_…`. A group's work is filed under `Group name_45_…` since 4.1, where 45 is the group's number, or
`Default group_assignsubmission_…`; before, and where a group was chosen on the page, under `Group-Full name_123_…` for
each member. Texts typed into Moodle are of the plugin onlinetext.

Nothing is unpacked on disk: a file's bytes are read up to a limit, and what can't be taken is listed with the reason.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import MoodleError
from closed_doors.moodle.people_names import shown
from closed_doors.notebook.zip_files import (
    BROKEN,
    LONGEST_NAME,
    Refusal,
    entry_path,
    is_left_out_silently,
    read_entry,
    refusal,
)

ENTRIES = 50_000
NAMELESS = "(a file without a name)"
FILE_MIB = 100  # as for a notebook with its saved outputs (closed_doors.notebook.ingest)
OWNER_MIB = 120
OWNER_FILES = 200
TOTAL_MIB = 20_000
_FILED = re.compile(
    r"(?P<name>[^_]*)(?:_(?P<number>\d+))?_assignsubmission_(?P<plugin>[a-z0-9]+)(?:_(?P<rest>.*))?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom Moodle files a piece of work under.

    Attributes:
        name: a student's name, a group's, or both, as the file name has it.
        number: the participant's number, or the group's; empty for work of the group of those without one.
    """

    name: str
    number: str

    def __str__(self) -> str:
        return shown(f"{self.name} ({self.number})" if self.number else self.name)


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the archive that is somebody's.

    Attributes:
        owner: whom it is filed under.
        plugin: how it was handed in: file, onlinetext or another one.
        path: its name, in the student's own subfolders.
        data: its content.
    """

    owner: Owner
    plugin: str
    path: tuple[str, ...]
    data: bytes


LeftOut = list[tuple[str, str]]  # names of entries, with the reasons
_Entry = tuple[zipfile.ZipInfo, str, tuple[str, ...]]  # with its plugin, and its path below its owner


class Archive:
    """An archive that is open; its files are read one owner at a time.

    Attributes:
        owners: whom work is filed under, in the archive's order.
        nobody: entries that are nobody's, with the reason.
    """

    def __init__(self, opened: zipfile.ZipFile, path: Path) -> None:
        self._opened = opened
        self._path = path
        self._budget = TOTAL_MIB << 20
        self._filed: dict[Owner, list[_Entry]] = {}
        self.nobody: LeftOut = []
        entries = opened.infolist()
        if len(entries) > ENTRIES:
            raise MoodleError(f"{path} holds {len(entries)} files; {ENTRIES} are allowed. Download it group by group.")
        for entry in entries:
            self._file(entry)
        self.owners = tuple(self._filed)

    def read(self, owner: Owner) -> tuple[list[Item], LeftOut]:
        """Return one owner's files, and the entries that were not taken.

        Raises:
            MoodleError: the archive holds too much.
        """
        items, left_out = _items(self._opened, owner, self._filed[owner])
        self._budget -= sum(len(item.data) for item in items)
        if self._budget < 0:
            raise MoodleError(f"{self._path} holds more than {TOTAL_MIB} MiB. Download it group by group.")
        return items, left_out

    def _file(self, entry: zipfile.ZipInfo) -> None:
        parts = entry_path(entry)
        name = "/".join(parts)
        if is_left_out_silently(parts):
            return
        reason = refusal(entry, parts)
        if reason not in (None, Refusal.LONG_NAME):
            self.nobody.append((shown(name) or NAMELESS, reason.value))
        elif (found := _filed(parts)) is None:
            self.nobody.append((shown(name), "it is not named as Moodle names submissions"))
        else:
            owner, plugin, rest = found
            if any(len(part.encode()) > LONGEST_NAME for part in rest):
                self.nobody.append((shown(name), Refusal.LONG_NAME.value))
                return
            self._filed.setdefault(owner, []).append((entry, plugin, rest))


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive.

    Raises:
        MoodleError: it is no zip file, or holds too much.
    """
    try:
        opened = zipfile.ZipFile(path)
    except BROKEN as error:
        raise MoodleError(f"{path} is not a zip archive that can be read ({error}). Download it again.") from error
    except OSError as error:
        raise MoodleError(f"{path} can't be read: {error.strerror or error}.") from error
    with opened:
        yield Archive(opened, path)


def _items(opened: zipfile.ZipFile, owner: Owner, theirs: list[_Entry]) -> tuple[list[Item], LeftOut]:
    """Read one owner's files, within limits."""
    taken: dict[tuple[str, ...], Item] = {}
    clashes: set[tuple[str, ...]] = set()
    left_out: LeftOut = []
    room = OWNER_MIB << 20
    for number, (entry, plugin, path) in enumerate(theirs):
        label = shown("/".join(path))
        if number >= OWNER_FILES:
            left_out.append((f"{len(theirs) - number} more files", f"{OWNER_FILES} files a student are taken"))
            break
        data, reason = _read(opened, entry, min(FILE_MIB << 20, room))
        if data is None:
            left_out.append((label, reason))
            continue
        room -= len(data)
        item = Item(owner, plugin, path, data)
        key = tuple(part.casefold() for part in path)
        if key in taken and (taken[key].path, taken[key].data) != (path, data):
            clashes.add(key)
            left_out.append((label, "another file of the same name has another content"))
        taken.setdefault(key, item)
    for key in clashes:
        left_out.append((shown("/".join(taken.pop(key).path)), "another file of the same name has another content"))
    return list(taken.values()), left_out


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> tuple[bytes | None, str]:
    """Return an entry's content, or the reason why it is not taken."""
    content = read_entry(opened, entry, limit)
    if content is Refusal.LARGE:
        return None, f"it is larger than {FILE_MIB} MiB, or all of this student's files than {OWNER_MIB} MiB"
    return (None, content.value) if isinstance(content, Refusal) else (content, "")


def _filed(parts: tuple[str, ...]) -> tuple[Owner, str, tuple[str, ...]] | None:
    """Return whose a path is, by the first of its parts that is named as Moodle names submissions."""
    for place, part in enumerate(parts):
        if (found := _FILED.fullmatch(part)) is None:
            continue
        rest = ((found["rest"],) if found["rest"] else ()) + parts[place + 1 :]
        if not rest:
            continue
        number = (found["number"] or "").lstrip("0") or ("0" if found["number"] else "")
        return Owner(found["name"].strip(), number), found["plugin"], rest
    return None
