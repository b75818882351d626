"""Who is in the class: Moodle's list of participants, as CSV.

Relied on: "Download table data as" on the page of participants gives the columns First name, Last name (Surname in
British English), ID number and Email address where the site shows them, and Groups, separated by commas within the
cell; in French Prénom, Nom de famille (Nom in older versions), Numéro d'identification, Adresse de courriel, Groupes. A
grading worksheet serves as well: it has the full name in one column.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import MoodleError
from closed_doors.moodle.csv_files import read_table
from closed_doors.moodle.people_names import name_key, shown

HEADINGS = {
    "first": ("first name", "firstname", "first_name", "given name", "prénom", "prenom"),
    "last": ("last name", "surname", "lastname", "last_name", "family name", "nom de famille", "nom"),
    "full": ("full name", "first name / last name", "first name / surname", "nom complet", "prénom / nom de famille"),
    "idnumber": (
        "id number",
        "idnumber",
        "student_id",
        "id",
        "numéro d'identification",
        "numéro d'étudiant",
        "numéro étudiant",
    ),
    "username": ("username", "user name", "nom d'utilisateur"),
    "email": ("email address", "email", "e-mail", "adresse de courriel", "courriel", "adresse e-mail", "adresse email"),
    "groups": ("groups", "group", "groupes", "groupe"),
}
SOURCES = ("idnumber", "username", "email")  # in the order in which they are tried
SAID = {
    "idnumber": "their ID number",
    "username": "their username",
    "email": "the part of their e-mail address before the @",
    "participant": "Moodle's participant number",
}
_ID = re.compile(r"[^\W_][\w.@-]{0,99}")


@dataclass(frozen=True, slots=True)
class Student:
    """One member of the class.

    Attributes:
        id: nbgrader's name for the student, a folder's name.
        groups: the names of the groups that the student is in.
    """

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    idnumber: str = ""
    username: str = ""
    groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}".strip()

    @property
    def name_keys(self) -> tuple[str, str]:
        """The name as sites show it: first name first, and last name first."""
        return name_key(f"{self.first} {self.last}"), name_key(f"{self.last} {self.first}")


@dataclass(frozen=True, slots=True)
class Roster:
    """The class.

    Attributes:
        students: by id.
        source: which column names them, one of SOURCES, or "participant".
        left_out: who can't be named, with the reason.
    """

    students: dict[str, Student]
    source: str
    left_out: tuple[tuple[str, str], ...] = ()


def read_roster(path: Path, source: str | None = None) -> Roster:
    """Read a list of participants.

    Args:
        path: the CSV file.
        source: the column that names students; by default the first of SOURCES that is there and not empty.

    Raises:
        MoodleError: a column that is needed is missing.
    """
    table = read_table(path)
    places = {field: table.column(names) for field, names in HEADINGS.items()}
    if places["full"] is None and places["last"] is None:
        raise MoodleError(
            f"{path} has no column for names. Expected First name and Last name (Prénom, Nom de famille), or Full name "
            f"(Nom complet); it has {', '.join(map(shown, table.header))}."
        )
    people = [{field: _cell(row, place) for field, place in places.items()} for row in table.rows]
    source = source or next((name for name in SOURCES if any(person[name] for person in people)), None)
    if source is None or places[source] is None:
        wanted = SAID[source] if source else "an ID number, a username or an e-mail address"
        raise MoodleError(
            f"{path} can't name students by {wanted}: it has the columns {', '.join(map(shown, table.header))}. Choose "
            "another one with --id, or have Moodle show the column before you download the list."
        )
    return _named(people, source)


def is_student_id(text: str) -> bool:
    """Whether a text can be a folder's name that nbgrader accepts for a student."""
    return _ID.fullmatch(text) is not None


def _named(people: list[dict[str, str]], source: str) -> Roster:
    students: dict[str, Student] = {}
    left_out: dict[str, str] = {}
    alike: dict[str, set[Student]] = {}
    for person in people:
        name = _id(person[source], source)
        student = _student(name, person)
        label = shown(student.name or student.email)
        if not name:
            left_out[label] = f"the list does not have {SAID[source]}"
        elif not is_student_id(name):
            left_out[label] = f"{shown(name)!r} can't be a folder's name (letters, digits and . - @ can)"
        else:
            alike.setdefault(name.casefold(), set()).add(student)
    for same in alike.values():
        if len(same) == 1:
            (student,) = same
            students[student.id] = student
        else:
            left_out |= {shown(student.name): f"somebody else is {shown(student.id)} too" for student in same}
    return Roster(students, source, tuple(left_out.items()))


def _student(name: str, person: dict[str, str]) -> Student:
    first, last = (person["first"], person["last"]) if person["last"] or person["first"] else ("", person["full"])
    groups = tuple(group for part in person["groups"].split(",") if (group := part.strip()))
    return Student(name, first, last, person["email"], person["idnumber"], person["username"], groups)


def _id(text: str, source: str) -> str:
    return text.partition("@")[0].lower() if source == "email" else text


def _cell(row: tuple[str, ...], place: int | None) -> str:
    return "" if place is None else row[place].strip()
