"""Files as Moodle itself names and writes them, in English and in French, for tests; no code of the course is used."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENGLISH, FRENCH = "en", "fr"
WORDS: dict[str, dict[str, Any]] = {
    ENGLISH: {
        "identifier": "Participant {}",
        "roster": ("First name", "Last name", "ID number", "Email address", "Groups"),
        "worksheet": (
            "Identifier",
            "Full name",
            "ID number",
            "Email address",
            "Status",
            "Grade",
            "Maximum Grade",
            "Grade can be changed",
            "Last modified (submission)",
            "Last modified (grade)",
            "Feedback comments",
        ),
        "group": "Group",
        "submitted": "Submitted for grading",
        "late": " - {} late",
        "lateness": "2 days 3 hours",
        "time": "Monday, 12 October 2026, 11:58 PM",
        "maximum": "20.00",
        "yes": "Yes",
        "no": "No",
    },
    FRENCH: {
        "identifier": "Participant{}",
        "roster": ("Prénom", "Nom de famille", "Numéro d’identification", "Adresse de courriel", "Groupes"),
        "worksheet": (
            "Identifiant",
            "Nom complet",
            "Numéro d’identification",
            "Adresse de courriel",
            "Statut",
            "Note",
            "Note maximale",
            "La note peut être modifiée",
            "Dernière modification (travail remis)",
            "Dernière modification (note)",
            "Feedback par commentaires",
        ),
        "group": "Groupe",
        "submitted": "Remis pour évaluation",
        "late": " - En retard de {}",
        "lateness": "2 jours 3 heures",
        "time": "lundi 12 octobre 2026, 23:58",
        "maximum": "20,00",
        "yes": "Oui",
        "no": "Non",
    },
}


@dataclass
class Member:
    """Somebody in Moodle's course, with what was handed in: content by path."""

    number: int
    first: str
    last: str
    idnumber: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    late: bool = False
    time: str = ""
    grade: str = ""
    open: bool = True
    comment: str = ""

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def clean_filename(name: str) -> str:
    """What Moodle's function of this name leaves of a file's name."""
    return re.sub(r"[\x00-\x1f\x7f&<>\"`|':\\/]", "", name)


def prefix(name: str, number: int) -> str:
    return clean_filename(name.replace("_", " ") + f"_{number}")


def archive(
    path: Path, members: list[Member], folders: bool = True, version: int = 4, hidden: bool = False, group: str = ""
) -> Path:
    """The archive "Download all submissions" of a version of Moodle; `group` is the one chosen on the page."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for member in members:
            name = "Participant" if hidden else (f"{group}-{member.name}" if group else member.name)
            start = f"{prefix(name, member.number)}_assignsubmission_file"
            for file, data in member.files.items():
                if folders:
                    out.writestr(f"{start}{'' if version >= 4 else '_'}/{file}", data)
                else:
                    out.writestr(f"{start}_{file.rpartition('/')[2]}", data)
    return path


def group_archive(path: Path, groups: dict[tuple[str, int | None], dict[str, bytes]]) -> Path:
    """The archive of a group assignment since 4.1: a folder a group; without a number, of those in no group."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for (name, number), files in groups.items():
            start = name.replace("_", " ") if number is None else prefix(name, number)
            for file, data in files.items():
                out.writestr(f"{start}_assignsubmission_file/{file}", data)
    return path


def roster(
    path: Path,
    members: list[Member],
    language: str = FRENCH,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
    without: tuple[int, ...] = (),
) -> Path:
    """The list of participants; `without` names columns that the site does not show."""
    rows = [
        WORDS[language]["roster"],
        *((m.first, m.last, m.idnumber, m.email, ", ".join(m.groups)) for m in members),
    ]
    return write(path, [[cell for n, cell in enumerate(row) if n not in without] for row in rows], delimiter, encoding)


def worksheet(
    path: Path,
    members: list[Member],
    language: str = FRENCH,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
    hidden: bool = False,
    teams: bool = False,
) -> Path:
    """The grading worksheet; with names hidden, it has neither name nor number nor address."""
    words = WORDS[language]
    rows = [list(words["worksheet"])]
    for m in members:
        handed_in = bool(m.files or m.time)
        status = words["submitted"] + (words["late"].format(words["lateness"]) if m.late else "") if handed_in else ""
        rows.append(
            [
                words["identifier"].format(m.number),
                m.name,
                m.idnumber,
                m.email,
                status,
                m.grade,
                words["maximum"],
                words["yes" if m.open else "no"],
                (m.time or words["time"]) if handed_in else "-",
                "-",
                m.comment,
            ]
        )
    if hidden:
        rows = [[row[0], *row[4:]] for row in rows]
    if teams:
        place = rows[0].index(words["worksheet"][5])
        for row, group in zip(rows, [words["group"], *(m.groups[0] if m.groups else "" for m in members)], strict=True):
            row.insert(place, group)
    return write(path, rows, delimiter, encoding)


def write(path: Path, rows: list[Any], delimiter: str = ",", encoding: str = "utf-8-sig") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file, by heading."""
    text = path.read_bytes().decode("utf-8-sig")
    first = text.splitlines()[0]
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))
