"""Says whose work is whose. Nothing is guessed: what fits nobody, or more than one, is left out with the reason.

With a grading worksheet, the participant's number leads to a line, and the line to a student by address or number;
without one, only a full name that nobody else has leads to a student. Names have to agree in both cases.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from closed_doors.moodle.archive import Owner
from closed_doors.moodle.participants import Roster, Student
from closed_doors.moodle.people_names import name_key, shown
from closed_doors.moodle.worksheet import Row, Worksheet

HIDDEN = ("participant", "")  # what a name hidden from graders reads, in both languages
EXACT = ("email", "idnumber", "username")
WITHOUT_GROUP = ("default group", "groupe par défaut")


@dataclass(slots=True)
class People:
    """Who stands behind Moodle's participant numbers.

    Attributes:
        students: by participant number.
        rows: the worksheet's lines, by participant number.
        left_out: participants whom no student fits, with the reason.
    """

    students: dict[str, Student] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Whose a piece of work is: one student, the members of a group, or nobody, with the reason."""

    students: tuple[Student, ...] = ()
    group: str = ""
    reason: str = ""


class _Class:
    """The class, looked up by what Moodle says of a student."""

    def __init__(self, roster: Roster) -> None:
        self.students = list(roster.students.values())
        self._said: dict[tuple[str, str], list[Student]] = {}
        self._named: tuple[dict[str, list[Student]], ...] = ({}, {})
        self._groups: dict[str, list[Student]] = {}
        for student in self.students:
            for attribute in EXACT:
                if said := getattr(student, attribute):
                    self._said.setdefault((attribute, said.casefold()), []).append(student)
            for names, key in zip(self._named, student.name_keys, strict=True):
                names.setdefault(key, []).append(student)
            for group in student.groups:
                self._groups.setdefault(name_key(group), []).append(student)
        self._comparable = {attribute for attribute, _ in self._said}

    def compares(self, attribute: str) -> bool:
        """Whether the list of participants has this column."""
        return attribute in self._comparable

    def exactly(self, attribute: str, said: str) -> list[Student]:
        """Return who has this address or number."""
        return self._said.get((attribute, said.casefold()), [])

    def keys(self, order: int) -> set[str]:
        """Return all names, first name first (0) or last name first (1)."""
        return set(self._named[order])

    def named(self, name: str, orders: Iterable[int] = (0, 1)) -> list[Student]:
        """Return who has this full name, in one of these orders."""
        key = name_key(name)
        found = {student.id: student for order in orders for student in self._named[order].get(key, ())}
        return list(found.values()) if key else []

    def members(self, group: str) -> list[Student]:
        """Return who is in this group."""
        return self._groups.get(name_key(group), [])

    def near(self, name: str) -> str:
        """Offer the nearest name of the class, for a person to judge."""
        near = get_close_matches(name_key(name), self._named[0], n=1, cutoff=0.8)
        if not near:
            return ""
        student = self._named[0][near[0]][0]
        return f" (the nearest is {shown(student.name)}, {student.id})"


def numbered(number: str) -> Student:
    """Return the student of whom only Moodle's participant number is known."""
    return Student(f"participant-{number}")


def people(roster: Roster, worksheet: Worksheet | None, known: Mapping[str, Student]) -> People:
    """Find the student of each line of a worksheet.

    Args:
        roster: the class.
        worksheet: the lines; None where there is none.
        known: students of this assignment by participant number, from earlier imports.
    """
    found = People(dict(known))
    if worksheet is None:
        return found
    found.rows = {row.number: row for row in worksheet.rows}
    everybody = _Class(roster)
    for row in worksheet.rows:
        if roster.source == "participant":
            found.students[row.number] = numbered(row.number)
            continue
        candidates, reason = _candidates(row, everybody)
        before = known.get(row.number)
        if before and (before in candidates or not row.name):
            continue  # what an earlier worksheet told
        if len(candidates) == 1 and before is None:
            found.students[row.number] = candidates[0]
            continue
        found.students.pop(row.number, None)
        if before is not None:
            reason = f"was {before.id} in an earlier import"
        found.left_out[row.number] = reason or _several(candidates, "a worksheet with addresses or ID numbers")
    _drop_shared(found)
    return found


def owners(wanted: Collection[Owner], roster: Roster, known: People) -> dict[Owner, Found]:
    """Find whose each piece of an archive's work is."""
    found = {owner: _by_row(owner, roster, known) for owner in wanted}
    by_name = _by_name([owner for owner, one in found.items() if one is None], _Class(roster), known)
    whole = {owner: one or by_name[owner] for owner, one in found.items()}
    shares = Counter(student.id for one in whole.values() for student in one.students)
    for owner, one in whole.items():
        if twice := sorted(student.id for student in one.students if shares[student.id] > 1):
            whole[owner] = Found(reason=f"{', '.join(twice)} would have work from more than one place of the archive")
    return whole


def _candidates(row: Row, everybody: _Class) -> tuple[list[Student], str]:
    """Return the students whom a worksheet's line fits; by name only where nothing better can be compared."""
    said = {
        attribute: text for attribute in EXACT if (text := getattr(row, attribute)) and everybody.compares(attribute)
    }
    hits = {student.id: student for name, text in said.items() for student in everybody.exactly(name, text)}
    if hits:
        return list(hits.values()), ""
    if said:
        return [], "neither the address nor the number is in the list of participants"
    if not row.name:
        return [], "the worksheet has no name (hidden from graders?); --id participant does without"
    named = everybody.named(row.name)
    return named, "" if named else "the name is not in the list of participants" + everybody.near(row.name)


def _drop_shared(found: People) -> None:
    """Leave out students whom two lines lead to."""
    shares = Counter(found.students[number].id for number in found.rows if number in found.students)
    for number in found.rows:
        student = found.students.get(number)
        if student and shares[student.id] > 1:
            del found.students[number]
            found.left_out[number] = f"more than one participant could be {shown(student.name)} ({student.id})"


def _by_row(owner: Owner, roster: Roster, known: People) -> Found | None:
    """Find an owner by number, or by a group of the worksheet; None where only the name can tell."""
    key = name_key(owner.name)
    if roster.source == "participant" and key in HIDDEN and owner.number:
        return Found((numbered(owner.number),))
    row = known.rows.get(owner.number)
    if row and (key in HIDDEN or _agrees(key, row.name)):
        student = known.students.get(owner.number)
        return Found((student,)) if student else Found(reason=known.left_out[owner.number])
    if group := _by_group(owner, known):
        return group
    if row:
        return Found(reason=f"the worksheet says that {owner.number} is {shown(row.name)}; is it this assignment's?")
    if known.rows:
        return Found(reason=f"the worksheet has no participant {owner.number}; is it this assignment's, and recent?")
    student = known.students.get(owner.number)
    return Found((student,)) if student and key in {*student.name_keys, *HIDDEN} else None


def _by_group(owner: Owner, known: People) -> Found | None:
    """Find the members of a group of the worksheet; None where no group has that name."""
    members = [one for one in known.rows.values() if one.group and name_key(one.group) == name_key(owner.name)]
    if not members:
        return None
    there = tuple(known.students[one.number] for one in members if one.number in known.students)
    return Found(there, owner.name) if there else Found(reason=f"no member of the group {shown(owner.name)} is known")


def _agrees(key: str, name: str) -> bool:
    """Whether a file name's name is a worksheet's, maybe behind a group's name."""
    said = name_key(name)
    return bool(said) and (key == said or key.endswith(f"-{said}"))


def _by_name(wanted: list[Owner], everybody: _Class, known: People) -> dict[Owner, Found]:
    """Find owners by full name: it must be one student's alone, on the list and in the archive."""
    orders = _orders(wanted, everybody)
    shares = Counter(name_key(owner.name) for owner in wanted)
    taken = {student.id for student in known.students.values()}
    found = {}
    for owner in wanted:
        key = name_key(owner.name)
        candidates = everybody.named(owner.name, orders) or _in_group(owner.name, everybody, orders)
        if key in HIDDEN:
            found[owner] = Found(reason="names are hidden; give the grading worksheet, or --id participant")
        elif key in WITHOUT_GROUP:
            found[owner] = Found(reason="only the grading worksheet says who is in no group")
        elif len(candidates) > 1:
            found[owner] = Found(reason=_several(candidates, "the grading worksheet"))
        elif candidates and shares[key] > 1:
            found[owner] = Found(reason="several participants have this name; the grading worksheet tells them apart")
        elif candidates and candidates[0].id in taken:
            found[owner] = Found(reason=f"{candidates[0].id} was another participant before; give the worksheet")
        elif candidates:
            found[owner] = Found((candidates[0],))
        elif members := everybody.members(owner.name):
            found[owner] = Found(tuple(members), owner.name)
        else:
            found[owner] = Found(reason="the name is not in the list of participants" + everybody.near(owner.name))
    return found


def _orders(wanted: Iterable[Owner], everybody: _Class) -> tuple[int, ...]:
    """Return which orders of first and last name the archive uses: one, where some name shows which."""
    keys = {name_key(owner.name) for owner in wanted}
    first_last, last_first = everybody.keys(0), everybody.keys(1)
    only = keys & first_last - last_first, keys & last_first - first_last
    if only[0] and not only[1]:
        return (0,)
    return (1,) if only[1] and not only[0] else (0, 1)


def _in_group(name: str, everybody: _Class, orders: Collection[int]) -> list[Student]:
    """Return the students whose group and name a name such as "Groupe A-Alice Martin" holds."""
    parts = name.split("-")
    found = {}
    for cut in range(1, len(parts)):
        group, rest = name_key("-".join(parts[:cut])), "-".join(parts[cut:])
        for student in everybody.named(rest, orders):
            if group in map(name_key, student.groups):
                found[student.id] = student
    return list(found.values())


def _several(candidates: list[Student], teller: str) -> str:
    ids = ", ".join(sorted(student.id for student in candidates))
    return f"it could be {ids}; {teller} tells them apart"
