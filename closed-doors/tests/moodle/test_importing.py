"""Work from Moodle's archives: who it is given to, what is kept, and when it arrived."""

import io
import json
import shutil
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from closed_doors.core.errors import MoodleError
from closed_doors.moodle.importing import Done, Options, Report
from closed_doors.nbgrader.receipts import read_receipts
from closed_doors.nbgrader.settings import Settings
from moodle.conftest import ASSIGNMENT, Take
from support import moodle_exports as exports
from support.moodle_exports import ENGLISH, FRENCH, Member

NOTEBOOK = f"{ASSIGNMENT}.ipynb"


def members() -> list[Member]:
    people = [
        Member(101, "Élodie", "Lefèvre-Noël", "e101", "elodie.lefevre@etu.example", ("TD 1",)),
        Member(102, "Jean-Noël", "d'Arc", "e102", "jn.darc@etu.example", ("TD 1", "Projet B")),
        Member(103, "Søren", "O'Brien & Fils", "e103", "soren@etu.example", ("TD 2",)),
        Member(104, "Zoé", "Nguyễn", "e104", "zoe@etu.example"),
    ]
    for person in people:
        person.files = {NOTEBOOK: f"notebook of {person.number}".encode()}
    return people


def content(settings: Settings, student: str, name: str = NOTEBOOK) -> str:
    return (settings.root / "submitted" / student / ASSIGNMENT / name).read_text(encoding="utf-8")


def folders(settings: Settings) -> set[str]:
    return {path.parent.name for path in settings.root.glob(f"submitted/*/{ASSIGNMENT}")}


@pytest.mark.parametrize("language", [ENGLISH, FRENCH])
@pytest.mark.parametrize("with_worksheet", [True, False])
@pytest.mark.parametrize(("in_folders", "version"), [(True, 4), (True, 3), (False, 4)])
def test_everybody_gets_the_own_work(
    settings: Settings, take: Take, tmp_path: Path, language: str, with_worksheet: bool, in_folders: bool, version: int
) -> None:
    """Names with accents, apostrophes and ampersands lead to their students, in both languages and all namings."""
    everybody = members()
    worksheet = exports.worksheet(tmp_path / "w.csv", everybody, language) if with_worksheet else None
    report = take(
        exports.archive(tmp_path / "a.zip", everybody, in_folders, version),
        exports.roster(tmp_path / "r.csv", everybody, language),
        worksheet,
    )
    assert not report.unmatched
    assert [outcome.student.id for outcome in report.outcomes] == ["e101", "e102", "e103", "e104"]
    for person in everybody:
        assert content(settings, person.idnumber) == f"notebook of {person.number}"


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(",", "utf-8"), (",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16"), (";", "utf-8-sig")],
)
def test_lists_are_read_however_they_were_saved(take: Take, tmp_path: Path, delimiter: str, encoding: str) -> None:
    """A byte order mark, semicolons, tabs, or a spreadsheet's encoding change nothing."""
    everybody = members()[:3]
    report = take(
        exports.archive(tmp_path / "a.zip", everybody),
        exports.roster(tmp_path / "r.csv", everybody, FRENCH, delimiter, encoding),
        exports.worksheet(tmp_path / "w.csv", everybody, FRENCH, delimiter, encoding),
    )
    assert not report.unmatched
    assert not report.people
    assert len(report.outcomes) == 3


def homonyms() -> list[Member]:
    return [
        Member(7, "Marie", "Martin", "m1", "marie.martin1@etu.example", files={NOTEBOOK: b"first"}),
        Member(8, "Marie", "Martin", "m2", "marie.martin2@etu.example", files={NOTEBOOK: b"second"}),
        Member(9, "Ali", "Ben", "m3", "ali@etu.example", files={NOTEBOOK: b"third"}),
    ]


def test_homonyms_are_told_apart_by_the_worksheet(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Two students of one name keep their own work where the worksheet says whose number is whose."""
    everybody = homonyms()
    take(
        exports.archive(tmp_path / "a.zip", everybody),
        exports.roster(tmp_path / "r.csv", everybody),
        exports.worksheet(tmp_path / "w.csv", everybody),
    )
    assert [content(settings, student) for student in ("m1", "m2", "m3")] == ["first", "second", "third"]


@pytest.mark.parametrize("absent", ["nobody", "from the archive", "from the list"])
def test_homonyms_are_never_guessed(settings: Settings, take: Take, tmp_path: Path, absent: str) -> None:
    """Without the worksheet, homonyms are listed, in the archive as in the list, and the others are imported."""
    everybody = homonyms()
    report = take(
        exports.archive(tmp_path / "a.zip", everybody[1:] if absent == "from the archive" else everybody),
        exports.roster(tmp_path / "r.csv", everybody[1:] if absent == "from the list" else everybody),
    )
    assert folders(settings) == {"m3"}
    assert all(name.startswith("Marie Martin") and "worksheet" in reason for name, reason in report.unmatched)
    assert len(report.unmatched) == (1 if absent == "from the archive" else 2)


def test_a_worksheet_that_shows_names_only(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A worksheet with neither addresses nor numbers can't tell homonyms apart; what is lacking is said."""
    everybody = homonyms()
    bare = [Member(m.number, m.first, m.last, files=m.files) for m in everybody]
    report = take(
        exports.archive(tmp_path / "a.zip", everybody),
        exports.roster(tmp_path / "r.csv", everybody),
        exports.worksheet(tmp_path / "w.csv", bare),
    )
    assert folders(settings) == {"m3"}
    assert [name for name, reason in report.unmatched if "with addresses or ID numbers" in reason] == [
        "Marie Martin (7)",
        "Marie Martin (8)",
    ]


def test_an_address_outweighs_a_name(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A line of the worksheet whose address nobody has is not given to somebody of the same name."""
    everybody = members()
    stranger = Member(104, "Zoé", "Nguyễn", "x", "another.zoe@etu.example", files={NOTEBOOK: b"hers"})
    report = take(
        exports.archive(tmp_path / "a.zip", [stranger]),
        exports.roster(tmp_path / "r.csv", everybody, without=(2,)),
        exports.worksheet(tmp_path / "w.csv", [stranger]),
    )
    assert folders(settings) == set()
    assert [name for name, _ in report.unmatched] == ["Zoé Nguyễn (104)"]


def test_a_worksheet_of_another_assignment_is_noticed(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Numbers that mean other people in the worksheet match nobody."""
    everybody = members()
    shifted = [Member(m.number + 1, m.first, m.last, m.idnumber, m.email) for m in everybody]
    report = take(
        exports.archive(tmp_path / "a.zip", everybody),
        exports.roster(tmp_path / "r.csv", everybody),
        exports.worksheet(tmp_path / "w.csv", shifted),
    )
    assert folders(settings) == set()
    assert all("is it this assignment's" in reason for _, reason in report.unmatched)


def test_both_orders_of_a_name(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A site that writes last names first is read too, and two names that mirror each other are told apart by it."""
    pair = [
        Member(1, "Thomas", "Martin", "t", files={NOTEBOOK: b"t"}),
        Member(2, "Martin", "Thomas", "m", files={NOTEBOOK: b"m"}),
        Member(3, "Ada", "Byron", "a", files={NOTEBOOK: b"a"}),
    ]
    mirrored = [Member(m.number, m.last, m.first, files=m.files) for m in pair]
    people = exports.roster(tmp_path / "r.csv", pair)
    take(exports.archive(tmp_path / "a.zip", mirrored), people)
    assert [content(settings, student) for student in "tma"] == ["t", "m", "a"]
    report = take(exports.archive(tmp_path / "b.zip", mirrored[:2]), people)
    assert {o.done for o in report.outcomes} == {Done.SAME}


def test_groups_before_version_4_1(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A group's name before the student's is recognised where the list says that the student is in it."""
    everybody = members()
    people = exports.roster(tmp_path / "r.csv", everybody)
    archive = exports.archive(tmp_path / "a.zip", everybody[:2], version=3, group="TD 1")
    assert len(take(archive, people).outcomes) == 2
    outsider = exports.archive(tmp_path / "b.zip", everybody[2:3], version=3, group="TD 1")
    assert [name for name, _ in take(outsider, people).unmatched] == ["TD 1-Søren OBrien Fils (103)"]
    assert folders(settings) == {"e101", "e102"}


@pytest.mark.parametrize("language", [ENGLISH, FRENCH])
def test_group_work_goes_to_each_member(settings: Settings, take: Take, tmp_path: Path, language: str) -> None:
    """The worksheet's group column says who is in a group, even where the group's number is a participant's too."""
    everybody = members()
    everybody[0].groups = everybody[1].groups = ("Les_masques",)
    everybody[2].groups = ("Trio",)
    default = "Default group" if language == ENGLISH else "Groupe par défaut"
    everybody[3].groups = (default,)
    report = take(
        exports.group_archive(
            tmp_path / "a.zip",
            {("Les_masques", 103): {NOTEBOOK: b"A"}, ("Trio", 9): {NOTEBOOK: b"B"}, (default, None): {NOTEBOOK: b"C"}},
        ),
        exports.roster(tmp_path / "r.csv", everybody, language),
        exports.worksheet(tmp_path / "w.csv", everybody, language, teams=True),
    )
    assert [content(settings, f"e10{n}") for n in (1, 2, 3, 4)] == ["A", "A", "B", "C"]
    assert [outcome.group for outcome in report.outcomes] == ["Les masques", "Les masques", "Trio", default]


def test_two_places_for_one_student(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A student of two groups that both handed in gets neither's work; a person has to choose."""
    everybody = members()
    everybody[0].groups = ("A", "B")
    report = take(
        exports.group_archive(tmp_path / "a.zip", {("A", 1): {NOTEBOOK: b"A"}, ("B", 2): {NOTEBOOK: b"B"}}),
        exports.roster(tmp_path / "r.csv", everybody),
    )
    assert folders(settings) == set()
    assert len(report.unmatched) == 2


def test_hidden_names(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Work whose names are hidden is taken in under participant numbers, when asked for, and otherwise not at all."""
    everybody = members()
    archive = exports.archive(tmp_path / "a.zip", everybody, hidden=True)
    worksheet = exports.worksheet(tmp_path / "w.csv", everybody, hidden=True)
    report = take(archive, exports.roster(tmp_path / "r.csv", everybody), worksheet)
    assert len(report.unmatched) == 4
    (settings.root / "moodle" / "students.json").unlink()
    take(archive, None, worksheet, "participant")
    assert folders(settings) == {f"participant-{n}" for n in (101, 102, 103, 104)}


@pytest.mark.parametrize(("language", "late"), [(ENGLISH, "2 days 3 hours"), (FRENCH, "2 jours 3 heures")])
def test_times_of_arrival(settings: Settings, take: Take, tmp_path: Path, language: str, late: str) -> None:
    """The worksheet's times go to received.csv as moments, and what Moodle calls late is said."""
    everybody = members()
    everybody[1].late = True
    report = take(
        exports.archive(tmp_path / "a.zip", everybody),
        exports.roster(tmp_path / "r.csv", everybody, language),
        exports.worksheet(tmp_path / "w.csv", everybody, language),
    )
    moment = datetime(2026, 10, 12, 21, 58, tzinfo=UTC)
    assert read_receipts(settings.root) == {(m.idnumber, ASSIGNMENT): moment for m in everybody}
    assert [o.student.id for o in report.outcomes if f"Moodle says: {late} late" in o.remarks] == ["e102"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (ENGLISH, "No submission - Extension granted until: Monday, 19 October 2026, 11:59 PM"),
        (FRENCH, "Aucun travail - Prolongation accordée jusqu’au : lundi 19 octobre 2026, 23:59 - Non évalué"),
        (FRENCH, "Aucun travail - Prolongation accordée jusqu’au : un de ces jours"),
    ],
)
def test_extensions_of_moodle_are_read(
    settings: Settings, take: Take, tmp_path: Path, language: str, said: str
) -> None:
    """Whoever Moodle lets hand in later is told with the time, work or not; what can't be read is for a person."""
    everybody = members()
    sheet = exports.worksheet(tmp_path / "w.csv", everybody, language, delimiter="\t")
    status = exports.WORDS[language]["submitted"]
    sheet.write_text(sheet.read_text(encoding="utf-8-sig").replace(status, said, 1), encoding="utf-8")
    people = exports.roster(tmp_path / "r.csv", everybody, language)
    report = take(exports.archive(tmp_path / "a.zip", everybody), people, sheet)
    if "de ces jours" in said:
        assert [who for who, reason in report.people if "can't be read: course student extend" in reason] == ["e101"]
    else:
        assert report.extensions == {"e101": datetime(2026, 10, 19, 21, 59, tzinfo=UTC)}


def test_time_for_everybody(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Without a worksheet, a time may be given; without either, nothing is entered."""
    everybody = members()
    archive, people = exports.archive(tmp_path / "a.zip", everybody), exports.roster(tmp_path / "r.csv", everybody)
    take(archive, people)
    assert read_receipts(settings.root) == {}
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    take(archive, people, options=Options(ZoneInfo("UTC"), moment))
    assert set(read_receipts(settings.root).values()) == {moment}


def test_importing_again_changes_nothing(settings: Settings, take: Take, tmp_path: Path) -> None:
    """The same archive leaves files and their times of arrival as they were."""
    everybody = members()
    arguments = exports.archive(tmp_path / "a.zip", everybody), exports.roster(tmp_path / "r.csv", everybody)
    take(*arguments)
    before = {path: path.stat().st_ctime_ns for path in settings.root.rglob("submitted/**/*")}
    report = take(*arguments)
    assert {outcome.done for outcome in report.outcomes} == {Done.SAME}
    assert {path: path.stat().st_ctime_ns for path in settings.root.rglob("submitted/**/*")} == before


def test_newer_work_and_work_changed_here(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Newer work takes the place of older, which is kept; what a person mended stays until Moodle has newer work."""
    everybody = members()[:2]
    people = exports.roster(tmp_path / "r.csv", everybody)
    take(exports.archive(tmp_path / "a.zip", everybody), people)
    (settings.root / "submitted" / "e102" / ASSIGNMENT / NOTEBOOK).write_text("mended")
    everybody[0].files = {NOTEBOOK: b"newer"}
    report = take(exports.archive(tmp_path / "b.zip", everybody), people)
    assert [outcome.done for outcome in report.outcomes] == [Done.NEWER, Done.CHANGED_HERE]
    assert content(settings, "e101") == "newer"
    assert content(settings, "e102") == "mended"
    (kept,) = (settings.root / "moodle" / ASSIGNMENT / "earlier" / "e101").rglob(NOTEBOOK)
    assert kept.read_text() == "notebook of 101"


def test_an_older_archive_takes_nothing_back(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Work that Moodle dates before the one that is here is left alone."""
    person = members()[:1]
    people = exports.roster(tmp_path / "r.csv", person)
    old = exports.archive(tmp_path / "old.zip", person), people, exports.worksheet(tmp_path / "old.csv", person)
    person[0].files, person[0].time = {NOTEBOOK: b"newer"}, "mardi 13 octobre 2026, 08:00"
    take(exports.archive(tmp_path / "new.zip", person), people, exports.worksheet(tmp_path / "new.csv", person))
    assert take(*old).outcomes[0].done is Done.OLDER
    assert content(settings, "e101") == "newer"
    assert read_receipts(settings.root)["e101", ASSIGNMENT] == datetime(2026, 10, 13, 6, tzinfo=UTC)


def test_dry_run_writes_nothing(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A dry run reports the same and leaves the course as it was."""
    everybody = members()
    arguments = exports.archive(tmp_path / "a.zip", everybody), exports.roster(tmp_path / "r.csv", everybody)
    before = set(settings.root.rglob("*"))
    report = take(*arguments, options=Options(ZoneInfo("UTC"), dry_run=True))
    assert [outcome.done for outcome in report.outcomes] == [Done.NEW] * 4
    assert set(settings.root.rglob("*")) == before


def one(take: Take, tmp_path: Path, files: dict[str, bytes]) -> Report:
    person = Member(5, "Lou", "Petit", "lou", files=files)
    return take(exports.archive(tmp_path / "a.zip", [person]), exports.roster(tmp_path / "r.csv", [person]))


def test_several_files(settings: Settings, take: Take, tmp_path: Path) -> None:
    """The notebook is the one with the master's name; harmless files stay beside it, others are listed."""
    report = one(
        take,
        tmp_path,
        {
            NOTEBOOK: b"the notebook",
            "devoir_un (1).ipynb": b"another",
            "données/mesures.csv": b"1,2",
            "figure.PNG": b"png",
            "numpy.py": b"evil",
            "page.html": b"<script>",
            "poids.pt": b"pickle",
            "timestamp.txt": b"1999-01-01",
            ".ipynb_checkpoints/devoir_un-checkpoint.ipynb": b"old",
            "rendu.zip": b"PK",
            "sous/devoir_un.ipynb": b"deeper",
        },
    )
    folder = settings.root / "submitted" / "lou" / ASSIGNMENT
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {NOTEBOOK, "devoir_un (1).ipynb", "données/mesures.csv", "figure.PNG"}
    assert content(settings, "lou") == "the notebook"
    assert {name for _, name, _ in report.left_out} == {
        "numpy.py",
        "page.html",
        "poids.pt",
        "timestamp.txt",
        ".ipynb_checkpoints/devoir_un-checkpoint.ipynb",
        "rendu.zip",
        "sous/devoir_un.ipynb",
    }
    assert report.outcomes[0].remarks == ("devoir_un (1).ipynb is devoir_un.ipynb again; it is kept, and not graded",)


@pytest.mark.parametrize(
    ("files", "kept", "remark"),
    [
        ({"masque (2).ipynb": b"x"}, {"masque (2).ipynb"}, "is graded as"),
        ({"dossier/MASQUE.IPYNB": b"x"}, {"MASQUE.ipynb"}, "is graded as"),
        ({"a.ipynb": b"x", "b.ipynb": b"y"}, {"a.ipynb", "b.ipynb"}, "may be any of a.ipynb, b.ipynb"),
        ({f"a/{NOTEBOOK}": b"x", f"b/{NOTEBOOK}": b"y", "n.txt": b"z"}, {"n.txt"}, "no notebook"),
        ({f"a/{NOTEBOOK}": b"x", f"b/{NOTEBOOK}": b"x"}, {NOTEBOOK}, ""),
    ],
)
def test_which_notebook(
    settings: Settings, take: Take, tmp_path: Path, files: dict[str, bytes], kept: set[str], remark: str
) -> None:
    """A renamed notebook keeps its name, for grading to take the only one; of two that differ none is chosen."""
    report = one(take, tmp_path, files)
    folder = settings.root / "submitted" / "lou" / ASSIGNMENT
    assert {path.name for path in folder.rglob("*") if path.is_file()} == kept
    assert all(remark in text for text in report.outcomes[0].remarks)
    assert bool(report.outcomes[0].remarks) == bool(remark)


BOOK = json.dumps({"nbformat": 4, "cells": [{"metadata": {"nbgrader": {"grade_id": "a"}}}]}).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return data.getvalue()


def test_an_archive_in_the_archive_is_opened(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Who hands the folder back as a zip is graded; what can't be taken of it is listed."""
    inner = {f"devoir/{NOTEBOOK}": b"mine", "devoir/notes.txt": b"n", "../x.txt": b"x", "encore.zip": b"PK", "": b"x"}
    report = one(take, tmp_path, {"Mon devoir.ZIP": zipped(inner)})
    folder = settings.root / "submitted" / "lou" / ASSIGNMENT
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {NOTEBOOK, "Mon devoir/devoir/notes.txt"}
    assert content(settings, "lou") == "mine"
    assert {name for _, name, _ in report.left_out} == {
        "Mon devoir.ZIP/../x.txt",
        "Mon devoir.ZIP/",
        "Mon devoir/encore.zip",
    }


@pytest.mark.parametrize(
    "name", ["devoir_un.ipynb.json", "devoir_un.ipynb.txt", "devoir_un.json", "devoir_un.download"]
)
def test_a_notebook_is_kept_whatever_its_suffix(settings: Settings, take: Take, tmp_path: Path, name: str) -> None:
    """What browsers make of a notebook's name hides it neither from the import nor from the person who reads it."""
    master = settings.folder("source", ".", ASSIGNMENT) / NOTEBOOK
    master.write_bytes(BOOK)
    report = one(take, tmp_path, {name: BOOK})
    assert (settings.root / "submitted" / "lou" / ASSIGNMENT / name).read_bytes() == BOOK
    assert report.outcomes[0].remarks == (f"{name} is graded as {NOTEBOOK}",)


def test_where_there_is_no_notebook_the_rest_is_named(take: Take, tmp_path: Path) -> None:
    """Whoever reads the report knows what was handed in instead."""
    report = one(take, tmp_path, {"rapport.pdf": b"%PDF"})
    assert report.outcomes[0].remarks == ("no notebook was handed in; there is rapport.pdf",)


def test_an_entry_without_a_name_is_listed(settings: Settings, take: Take, tmp_path: Path) -> None:
    """An archive with a nameless entry is read, and says so of that entry."""
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"": b"x", f"{START}/{NOTEBOOK}": b"honest"}))
    report = take(path, exports.roster(tmp_path / "r.csv", [Member(5, "Lou", "Petit", "lou")]))
    assert report.unmatched == [("(a file without a name)", "it has no name")]
    assert content(settings, "lou") == "honest"


def entry(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


START = "Lou Petit_5_assignsubmission_file"


def hostile(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(entry(f"{START}/{NOTEBOOK}"), b"honest")
        out.writestr(entry(f"{START}/../../../outside.txt"), b"x")
        out.writestr(entry(f"/{START}/absolute.txt"), b"x")
        out.writestr(entry(f"C:\\{START}\\drive.txt"), b"x")
        out.writestr(entry(f"{START}/link.txt", 0o120777), b"/etc/passwd")
        out.writestr(entry(f"{START}/pipe.txt", 0o010644), b"")
        out.writestr(entry(f"{START}/" + "d/" * 20 + "deep.txt"), b"x")
        out.writestr(entry(f"{START}/bomb.txt"), bytes(15 << 20))
        out.writestr(entry(f"{START}/large.txt"), bytes(range(256)) * (410 << 10))
        out.writestr(entry(f"{START}/Case.txt"), b"one")
        out.writestr(entry(f"{START}/case.txt"), b"two")
        out.writestr(entry(f"{START}/" + "n" * 250 + "é.txt"), b"x")
        out.writestr(entry(f"{START}/\x1b[2Jescape.txt"), b"x")
        out.writestr(entry("__MACOSX/._x"), b"x")
        out.writestr(entry("readme.txt"), b"x")
        out.writestr(entry("Bob Dylan_6_assignsubmission_file/" + NOTEBOOK), b"x")
    return path


def test_hostile_archives(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Paths that lead out, links, bombs, clashes and strangers are listed; honest work beside them is imported."""
    people = exports.roster(tmp_path / "r.csv", [Member(5, "Lou", "Petit", "lou")])
    report = take(hostile(tmp_path / "a.zip"), people)
    folder = settings.root / "submitted" / "lou" / ASSIGNMENT
    assert {path.name for path in folder.rglob("*")} == {NOTEBOOK}
    assert content(settings, "lou") == "honest"
    assert not list(tmp_path.rglob("outside.txt"))
    reasons = " ".join(reason for *_, reason in [*report.left_out, *report.unmatched])
    for expected in (
        "leads out",
        "a link",
        "control characters",
        "folders deep",
        "times its size",
        "larger than",
        "another content",
    ):
        assert expected in reasons
    assert all("\x1b" not in name for *_, name, _ in [("", *row) for row in report.unmatched])


def test_damaged_and_encrypted_entries(settings: Settings, take: Take, tmp_path: Path) -> None:
    """A damaged entry costs itself only."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(entry(f"{START}/{NOTEBOOK}"), b"honest")
        out.writestr(zipfile.ZipInfo(f"{START}/damaged.txt"), b"to be damaged")
        out.writestr(zipfile.ZipInfo(f"{START}/secret.txt"), b"to be marked as encrypted")
    data = path.read_bytes().replace(b"to be damaged", b"to be DAMAGED")
    place = data.rindex(b"PK\x01\x02")  # the last entry's line in the archive's directory
    path.write_bytes(data[: place + 8] + b"\x01" + data[place + 9 :])
    report = take(path, exports.roster(tmp_path / "r.csv", [Member(5, "Lou", "Petit", "lou")]))
    assert content(settings, "lou") == "honest"
    assert {(name, reason.split(" (")[0]) for _, name, reason in report.left_out} == {
        ("damaged.txt", "it is damaged"),
        ("secret.txt", "it is encrypted"),
    }


@pytest.mark.parametrize("made", [lambda p: p.write_bytes(b"not a zip"), lambda p: p.write_bytes(b"")])
def test_what_is_no_archive(take: Take, tmp_path: Path, made: Callable[[Path], object]) -> None:
    """A file that is no zip archive is one clear message."""
    path = tmp_path / "a.zip"
    made(path)
    with pytest.raises(MoodleError, match="not a zip archive"):
        take(path, exports.roster(tmp_path / "r.csv", members()))


def test_names_without_the_mark_of_utf_8(settings: Settings, take: Take, tmp_path: Path) -> None:
    """Names that an old program wrote in UTF-8 unmarked, in its code page, or decomposed, are the same names."""
    people = [Member(n, "Élodie", f"Lefèvre{n}", f"e{n}") for n in (1, 2, 3)]
    names = [f"{person.name}_{person.number}_assignsubmission_file/{NOTEBOOK}" for person in people]
    written = names[0].encode(), names[1].encode("cp437"), unicodedata.normalize("NFD", names[2]).encode()
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        for letter, name in zip("ABC", written, strict=True):
            out.writestr(letter * len(name), letter)  # zipfile marks what is not ASCII: put in afterwards
    data = path.read_bytes()
    for letter, name in zip("ABC", written, strict=True):
        data = data.replace(letter.encode() * len(name), name)
    path.write_bytes(data)
    take(path, exports.roster(tmp_path / "r.csv", people))
    assert [content(settings, f"e{n}") for n in (1, 2, 3)] == ["A", "B", "C"]


@pytest.mark.parametrize("source", [None, "email"])
def test_students_are_named_by_what_the_list_has(
    settings: Settings, take: Take, tmp_path: Path, source: str | None
) -> None:
    """Without ID numbers, the address names students; what can't be a folder's name, or is two people's, is listed."""
    everybody = members()
    everybody[2].email = "../x@etu.example"
    everybody[3].email = "Elodie.Lefevre@autre.example"
    people = exports.roster(tmp_path / "r.csv", everybody, without=(2,))
    report = take(exports.archive(tmp_path / "a.zip", everybody), people, None, source)
    assert folders(settings) == {"jn.darc"}
    assert len(report.people) == 3


def test_naming_stays_the_same(take: Take, tmp_path: Path) -> None:
    """A list without the column that named students so far is refused, for everybody would be there twice."""
    everybody = members()
    archive = exports.archive(tmp_path / "a.zip", everybody)
    take(archive, exports.roster(tmp_path / "r.csv", everybody))
    with pytest.raises(MoodleError, match="ID number"):
        take(archive, exports.roster(tmp_path / "s.csv", everybody, without=(2,)))


name_part = st.text(
    st.characters(codec="utf-8", categories=("L", "M"), include_characters=" -'’.&_"), min_size=1, max_size=12
).filter(lambda text: any(c.isalpha() for c in text))


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.tuples(name_part, name_part), min_size=1, max_size=6),
    language=st.sampled_from([ENGLISH, FRENCH]),
    in_folders=st.booleans(),
)
def test_whatever_the_names(
    settings: Settings, take: Take, tmp_path: Path, names: list[tuple[str, str]], language: str, in_folders: bool
) -> None:
    """With the worksheet, everybody gets the own work once; without it, the own work or none."""
    everybody = [
        Member(n, first, last, f"id{n}", files={NOTEBOOK: str(n).encode()}) for n, (first, last) in enumerate(names, 11)
    ]
    archive = exports.archive(tmp_path / "a.zip", everybody, in_folders)
    people = exports.roster(tmp_path / "r.csv", everybody, language)
    for worksheet in (None, exports.worksheet(tmp_path / "w.csv", everybody, language)):
        for folder in ("submitted", "moodle"):
            shutil.rmtree(settings.root / folder, ignore_errors=True)
        report = take(archive, people, worksheet)
        assert len(report.outcomes) + len(report.unmatched) == len(everybody)
        for outcome in report.outcomes:
            assert f"id{content(settings, outcome.student.id)}" == outcome.student.id
        if worksheet:
            assert len(report.outcomes) == len(everybody)
