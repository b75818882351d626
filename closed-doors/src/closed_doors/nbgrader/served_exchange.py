"""nbgrader's exchange seen by a server: hand-ins as they come, and pages that students fetch.

What students may write is believed as little as `closed_doors.nbgrader.exchange` believes it. A folder is taken once
it is whole: nbgrader writes submission_secret.txt last, and nothing has changed in it for a moment.
"""

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from closed_doors.core.errors import HostError, SubmissionError
from closed_doors.core.files import replace
from closed_doors.core.layout import CONFIG_NAME
from closed_doors.nbgrader.arrival import SECRET
from closed_doors.nbgrader.exchange import CollectByArrival
from closed_doors.nbgrader.hand_in_queue import hashed_name
from closed_doors.notebook.ingest import read_bytes

STILL_S = 0.2  # for so long nothing has changed in a folder that is whole
WITHOUT_SECRET_S = 10.0  # the same, where no secret says that it is whole
SECRET_LENGTH = 128  # what nbgrader draws
LONGEST_SECRET = 512
JUST_NOW_S = 2.0  # a folder's time is no finer than the kernel's tick
LOOK_AGAIN_S = 30.0  # where a file server tells of changes late
RETRY_S = 5.0
LOOK_SHARE = 9.0  # a folder of many is looked through for a tenth of the time
AT_ONCE = 200  # names that the queue is asked about
NO_NAMES = (".", "_")  # a student's name begins with none of them

Known = Callable[[Collection[str]], Collection[str]]

_silent = logging.getLogger(__name__)
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """One folder of inbound/.

    Attributes:
        path: the folder; its name is its own for ever.
        student: whose it is, by the account that owns it.
        at: when the last of it came, in UTC without a zone; of two, the later one counts, so not to the second.
    """

    path: Path
    student: str
    assignment: str
    at: datetime


@dataclass(slots=True)
class _Seen:
    """What is known of the folder inbound/ itself.

    Attributes:
        changed_ns: when it last changed, as far as all was taken.
        looked: when it was last looked through.
        look_s: how long that took.
        taken: names of folders that are in the queue.
        unfinished: when to look again at those that are not whole, or not ours.
        coming: what is whole and not taken yet, oldest first.
    """

    changed_ns: int = -1
    looked: float = -LOOK_AGAIN_S
    look_s: float = 0.0
    taken: set[str] = field(default_factory=set)
    unfinished: dict[str, float] = field(default_factory=dict)
    coming: deque[Arrived] = field(default_factory=deque)


class ServedExchange:
    """A course's side of the exchange.

    Args:
        root: the course's folder.
        course: its course_id.

    Attributes:
        refused: names of folders that are not whose they say, or no folders.
    """

    def __init__(self, root: Path, course: str) -> None:
        config = _config(root)
        self._config = config
        self._directory = CourseDirectory(config=config)
        self._collector = CollectByArrival(
            coursedir=self._directory, authenticator=Authenticator(config=config), config=config
        )
        self._collector.log = _silent  # it names students; what is refused is counted
        self._course = Path(self._collector.root) / course
        self.refused: set[str] = set()
        self._seen = _Seen()

    @property
    def inbound(self) -> Path:
        """Where students hand in."""
        return self._course / "inbound"

    def has_news(self) -> bool:
        """Whether something may have come since all that had come was taken."""
        return bool(self._seen.coming) or self._is_worth_a_look(self._changed_ns())

    def arrivals(self, assignments: Collection[str], known: Known) -> Iterator[Arrived]:
        """Yield the folders that have come and are whole, oldest first; what is not asked for comes the next time.

        Args:
            assignments: of the course; other folders are left alone.
            known: tells which of some folders were taken before, by their hashed names; other servers take too.
        """
        seen, changed_ns = self._seen, self._changed_ns()
        if not seen.coming:
            seen.changed_ns = -1  # until all of it is taken: whoever takes may fail
            begun = time.monotonic()
            found = [one for name in self._new_names(known) if (one := self._arrived(name, assignments)) is not None]
            seen.coming.extend(sorted(found, key=lambda one: (one.at, one.path.name)))
            seen.looked, seen.look_s = time.monotonic(), time.monotonic() - begun
        else:
            changed_ns = -1  # something may have come since it was looked through
            self._forget(known)
        while seen.coming:
            yield seen.coming.popleft()
        seen.changed_ns = changed_ns

    def note_taken(self, name: str) -> None:
        """Leave a folder alone from now on."""
        self._seen.taken.add(name)

    def take(self, arrived: Arrived, target: Path) -> None:
        """Copy the ordinary files of a folder.

        Raises:
            OSError: it can't be read or written.
        """
        record = self._collector.record(arrived.path, arrived.student)
        if record is None:
            raise FileNotFoundError(f"it was taken away meanwhile: {arrived.path.name}")
        self._collector.take(arrived.path, target, record)

    def publish(self, secret: str, pages: Mapping[str, bytes]) -> None:
        """Put pages where `nbgrader fetch_feedback` and the Assignment List look for them.

        Args:
            secret: of the hand-in, which only its student knows.
            pages: by the notebook's name.

        Raises:
            OSError: the exchange can't be written to.
        """
        folder = self._course / "feedback"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            shared = bool(self._directory.groupshared)
            folder.chmod(0o2771 if shared else 0o711)  # as nbgrader has it: names are the secret
        for name, page in pages.items():
            replace(folder / f"{notebook_hash(secret=secret, notebook_id=name)}.html", page)

    def _changed_ns(self) -> int:
        try:
            return self.inbound.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _is_worth_a_look(self, changed_ns: int) -> bool:
        if not changed_ns:
            return False
        seen, now = self._seen, time.monotonic()
        fresh = time.time() - changed_ns / 1e9 < JUST_NOW_S
        due = any(moment <= now for moment in seen.unfinished.values())
        if now - seen.looked < LOOK_SHARE * seen.look_s:
            return False
        return fresh or due or changed_ns != seen.changed_ns or now - seen.looked >= LOOK_AGAIN_S

    def _new_names(self, known: Known) -> list[str]:
        try:
            with os.scandir(self.inbound) as entries:
                names = {entry.name for entry in entries} - self._seen.taken
        except FileNotFoundError:
            return []
        for gone in self._seen.unfinished.keys() - names:
            del self._seen.unfinished[gone]
        now = time.monotonic()
        return self._unknown([name for name in names if self._seen.unfinished.get(name, 0.0) <= now], known)

    def _forget(self, known: Known) -> None:
        """Leave alone what another server has taken since it was looked through."""
        ahead = [one.path.name for one in self._seen.coming]
        left = set(self._unknown(ahead[:AT_ONCE], known)) | set(ahead[AT_ONCE:])
        self._seen.coming = deque(one for one in self._seen.coming if one.path.name in left)

    def _unknown(self, names: Sequence[str], known: Known) -> list[str]:
        """Return the folders that nobody has taken, and remember the others."""
        found: list[str] = []
        for begin in range(0, len(names), AT_ONCE):
            hashed = {hashed_name(name): name for name in names[begin : begin + AT_ONCE]}
            there = set(known(hashed))
            found += [name for key, name in hashed.items() if key not in there]
            self._seen.taken |= {name for key, name in hashed.items() if key in there}
        return found

    def _arrived(self, name: str, assignments: Collection[str]) -> Arrived | None:
        parts = ((name.split(f"+{each}+", 1), each) for each in assignments)
        student, assignment = next(((both[0], each) for both, each in parts if len(both) == 2), ("", ""))
        if not student or student.startswith(NO_NAMES):
            self._seen.unfinished[name] = time.monotonic() + LOOK_AGAIN_S
            return None
        path = self.inbound / name
        try:
            came = max(each.lstat().st_ctime for each in (path, *path.rglob("*")))
            still_s = STILL_S if (secret_of(path) or "").strip() else WITHOUT_SECRET_S
            wait_s = max(still_s - (time.time() - came), 0.0)
            record = self._collector.record(path, student) if not wait_s else None
        except OSError:
            wait_s, record, came = RETRY_S, None, 0.0
        if record is None:
            if not wait_s:
                self.refused.add(name)
            self._seen.unfinished[name] = time.monotonic() + (wait_s or LOOK_AGAIN_S)
            return None
        self._seen.unfinished.pop(name, None)
        return Arrived(path, student, assignment, datetime.fromtimestamp(came, UTC).replace(tzinfo=None))


def exchange_folder(root: Path) -> Path | None:
    """Return the course's own folder in the exchange; None where the course has no course_id.

    Raises:
        HostError: nbgrader_config.py can't be read.
    """
    config = _config(root)
    course = str(CourseDirectory(config=config).course_id)
    return Path(CollectByArrival(config=config).root) / course if course else None


def secret_of(folder: Path) -> str | None:
    """Return the secret in a hand-in's folder; None where there is none that can name a page."""
    try:
        text = read_bytes(folder / SECRET, folder)[: LONGEST_SECRET + 1].decode("ascii")
    except (SubmissionError, OSError, UnicodeDecodeError):
        return None
    return text if SECRET_LENGTH <= len(text) <= LONGEST_SECRET else None


def _config(root: Path) -> Config:
    """Return the settings that nbgrader would have in the course's folder: those of the machine, then the course's."""
    config = Config()
    for folder in (*reversed(jupyter_config_path()), str(root)):
        if Path(folder, CONFIG_NAME).is_file():
            try:
                config.merge(PyFileConfigLoader(CONFIG_NAME, path=folder).load_config())
            except Exception as error:  # whatever somebody's Python file does
                raise HostError(f"{Path(folder, CONFIG_NAME)} can't be read: {error}") from error
    config.CourseDirectory.root = str(root)
    return config
