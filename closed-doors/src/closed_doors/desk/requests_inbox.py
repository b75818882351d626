"""Students' requests for another look: text files in, answers out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replace
from closed_doors.core.wording import wording
from closed_doors.nbgrader import desk_records as records
from closed_doors.nbgrader import marking_store as store
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_students import Person, read_people
from closed_doors.nbgrader.settings import Settings

LARGEST = 100_000
_HEAD = 15  # lines in which a message says who wrote it
_SAYS = re.compile(r"^\s*(?:de|from|par|by|expéditeur|sender|étudiant|student)\s*:\s*(.+)$", re.IGNORECASE)


def take_in(settings: Settings, assignment: str, paths: Iterable[Path], student: str | None) -> list[str]:
    """Enter requests.

    Args:
        settings: the course.
        assignment: nbgrader's name for it.
        paths: text files, or folders of them.
        student: whose they are, where the files do not say.

    Returns:
        A line for each file.

    Raises:
        CourseError: a file can't be read as text, or whose it is can't be told; nothing is entered.
    """
    people = read_people(settings.db_url)
    if student is not None and student not in people:
        raise CourseError(f"The gradebook has no student {student!r}.")
    entries = [(path, *_read(path, people, student)) for each in paths for path in _files(each)]
    lines = []
    with Database(settings.db_url).transaction() as db:
        store.prepare(db)
        for path, whose, text in entries:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
            fresh = records.add_request(db, assignment, whose, text, at)
            lines.append(f"{path}: {whose}" if fresh else f"{path}: {whose} (known already)")
    return lines


def list_requests(settings: Settings, assignment: str) -> list[dict[str, str]]:
    """Return the requests of a class, the oldest first."""
    return [
        {
            "student": one.student,
            "received": one.received.replace(tzinfo=UTC).isoformat(timespec="minutes"),
            "first_line": one.text.strip().split("\n")[0][:100],
            "text": one.text,
            "answer": one.answer,
            "marker": one.marker,
        }
        for one in _all(settings, assignment)
    ]


def write_answers(settings: Settings, assignment: str, folder: Path) -> Iterator[Path]:
    """Write the answers out, a file for each student, and yield the files.

    Raises:
        CourseError: they can't be written.
    """
    words = wording(settings.language)
    by_student: dict[str, list[str]] = {}
    for one in _all(settings, assignment):
        if one.answer:
            said = words.say("desk.answer_file", text=one.text.strip(), answer=one.answer.strip())
            by_student.setdefault(one.student, []).append(said)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for student, all_said in by_student.items():
            path = folder / (re.sub(r"[^\w.-]", "_", student) + ".txt")
            replace(path, ("\n\n".join(all_said) + "\n").encode("utf-8", "replace"))
            yield path
    except OSError as error:
        raise CourseError(f"The answers can't be written: {error.strerror} ({error.filename}).") from error


def _all(settings: Settings, assignment: str) -> list[records.StudentRequest]:
    with Database(settings.db_url).transaction() as db:
        store.prepare(db)
        return records.requests_in(db, assignment)


def _files(path: Path) -> Sequence[Path]:
    return sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]


def _read(path: Path, people: dict[str, Person], student: str | None) -> tuple[str, str]:
    """Return whose a request is, and its text."""
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            raise CourseError(f"{path} is larger than {LARGEST // 1000} kB: that is no message.")
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} can't be read as text: {error}") from error
    whose = student or (path.stem if path.stem in people else None) or _sender(text, people)
    if whose is None:
        raise CourseError(f"{path} does not say whose it is: call it after the student's id, or give --student ID.")
    return whose, text


def _sender(text: str, people: dict[str, Person]) -> str | None:
    """Return whom the head of a message names: one person, by id, name or address."""
    for line in text.split("\n")[:_HEAD]:
        if match := _SAYS.match(line):
            said = match[1].strip().casefold()
            found = [number for number, person in people.items() if said in _names(person) or _is_named(said, person)]
            if len(found) == 1:
                return found[0]
    return None


def _names(person: Person) -> set[str]:
    number, first, last, email = person
    return {name.casefold() for name in (number, f"{first} {last}".strip(), f"{last} {first}".strip(), email) if name}


def _is_named(said: str, person: Person) -> bool:
    """Whether a sender such as « Alice Exemple <alice@exemple.fr> » is this person."""
    match = re.fullmatch(r"(.*?)\s*<([^>]+)>", said)
    return match is not None and (match[2] in _names(person) or match[1].strip('" ') in _names(person))
