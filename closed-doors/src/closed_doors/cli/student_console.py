"""`course student`: what it shows, asks and does."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.table import Table

from closed_doors.classroom.course_lock import only_run
from closed_doors.cli.console import PlainConsole, echo_json
from closed_doors.cli.row_lists import count, list_rows
from closed_doors.core.errors import CourseError, LayoutError
from closed_doors.core.layout import Layout
from closed_doors.moodle.participants import is_student_id, read_roster
from closed_doors.nbgrader import gradebook_students as rows
from closed_doors.nbgrader.exchange_traces import find_in_exchange, remove_from_exchange
from closed_doors.nbgrader.final_marks import lateness, note_arrivals, read_final_marks
from closed_doors.nbgrader.gradebook_reader import read_enrolment
from closed_doors.nbgrader.settings import read_settings
from closed_doors.semester.class_list import enter, read_class, require_student
from closed_doors.semester.student_traces import Traces, find_traces, remove_traces, rename_traces

PSEUDONYM = "anonyme-{:03}"


class StudentCommand:
    """One call of the command line.

    Args:
        layout: the course.
        as_json: print what happens as JSON on standard output; the rest goes to standard error.
        dry_run: write nothing.
    """

    def __init__(self, layout: Layout, as_json: bool = False, dry_run: bool = False) -> None:
        self._layout = layout
        self._settings = read_settings(layout.root)
        self._json = as_json
        self._dry_run = dry_run
        self._console = PlainConsole(highlight=False, stderr=as_json)

    def show_class(self) -> None:
        """List everybody, and who was granted more time."""
        people = sorted(read_class(self._settings).values(), key=lambda person: (person[2], person[1], person[0]))
        granted: dict[str, dict[str, datetime]] = {}
        for (assignment, student), until in sorted(rows.read_extensions(self._settings.db_url).items()):
            granted.setdefault(student, {})[assignment] = until
        if self._json:
            echo_json(
                [
                    {
                        **dict(zip(("id", "first_name", "last_name", "email"), person, strict=True)),
                        "extensions": {
                            name: f"{until.isoformat()}Z" for name, until in granted.get(person[0], {}).items()
                        },
                    }
                    for person in people
                ]
            )
            return
        table = Table("student", "last name", "first name", "may hand in until (UTC)")
        for student, first, last, _ in people:
            said = ", ".join(f"{name} {until:%Y-%m-%d %H:%M}" for name, until in granted.get(student, {}).items())
            table.add_row(student, last, first, said)
        self._console.print(table)
        self._console.print(f"{count(len(people), 'student')}.")

    def add(self, student: str, first: str, last: str, email: str) -> None:
        """Enter a student, or change a name.

        Raises:
            CourseError: the id can't be one, or the gradebook can't be written to.
        """
        _require_id(student)
        before = read_class(self._settings).get(student, (student, "", "", ""))
        person = (student, first or before[1], last or before[2], email or before[3])
        if not self._dry_run:
            enter(self._settings, [person])
        self._say({"entered": [list(person)]}, f"{student} is in the class.")

    def take_in(self, file: Path, source: str | None) -> None:
        """Enter everybody of a list.

        Raises:
            CourseError: the list can't be read, or the gradebook can't be written to.
        """
        roster = read_roster(file, source)
        people = [(one.id, one.first, one.last, one.email) for one in roster.students.values()]
        before = rows.read_people(self._settings.db_url)
        fresh = [person for person in people if person[0] not in before]
        changed = [person for person in people if before.get(person[0], person) != person]
        if not self._dry_run:
            enter(self._settings, people)
        list_rows(self._console, "New", ((person[0], f"{person[1]} {person[2]}".strip()) for person in fresh))
        list_rows(self._console, "Other names or addresses", ((person[0], "") for person in changed))
        list_rows(self._console, "Left out", roster.left_out)
        absent = [(name, "") for name in before if name not in roster.students]
        list_rows(self._console, "In the class and not in this list; nobody is taken out", absent)
        found = {"new": fresh, "changed": changed, "left_out": roster.left_out, "not_in_list": [n for n, _ in absent]}
        self._say(found, f"{count(len(people), 'student')} in the list, {len(fresh)} new, {len(changed)} changed.")

    def rename(self, old: str, new: str) -> None:
        """Give a student another id.

        Raises:
            CourseError: one is unknown, the other taken or no id, or something can't be written.
        """
        _require_id(new)
        people = read_class(self._settings)
        require_student(people, old)
        if new in people:
            raise LayoutError(f"There is a student {new!r} already.")
        traces = find_traces(self._settings, old)
        self._show(old, traces)
        if not self._dry_run:
            with only_run(self._settings):
                if old in rows.read_people(self._settings.db_url):
                    rows.rename_student(self._settings.db_url, old, new)
                rename_traces(self._settings, old, new, traces)
        self._say({"old": old, "new": new, **self._plain(traces)}, f"{old} is {new} now.")

    def extend(self, student: str, assignment: str, until: datetime | None, days: float | None) -> None:
        """Grant more time, or take it back where neither a time nor days are given.

        Raises:
            CourseError: the student or the assignment is unknown, or the gradebook can't be written to.
        """
        self._layout.require(assignment)
        person = require_student(read_class(self._settings), student)
        due = read_enrolment(self._settings.db_url, assignment).due
        if days is not None:
            if due is None:
                raise CourseError(
                    f"{assignment} has no due date: give a time, or set one with `course due {assignment}`."
                )
            until = due + timedelta(days=days)
        if until is not None and due is not None and until <= due:
            self._console.print(f"The due date, {due} UTC, is not earlier: it counts.")
        rules = lateness(self._settings)
        marks = read_final_marks(self._settings, assignment, (student,)).get(student)
        before = after = None
        if marks is not None:
            wanted = replace(marks, until=until, extension=timedelta())
            before, after = (round(m.score, 6) for m in (marks, rules.applied(assignment, wanted)))
        if not self._dry_run:
            with only_run(self._settings):
                enter(self._settings, [person])
                changed = rows.grant(self._settings.db_url, assignment, [(student, until)], rules)
            note_arrivals(self._settings, assignment, changed)
        said = "the due date" if until is None else f"{until:%Y-%m-%d %H:%M} UTC"
        if before != after:
            self._console.print(f"final mark: {before:g} → {after:g}")
        found = {
            "student": student,
            "assignment": assignment,
            "until": None if until is None else f"{until.isoformat()}Z",
            "before": before,
            "after": after,
        }
        self._say(found, f"{student} may hand in {assignment} until {said}.")

    def remove(self, student: str, keep_marks: bool, yes: bool) -> None:
        """Show what is there of a student, and take it away.

        Raises:
            CourseError: the student is unknown, nobody has said yes, or something can't be removed.
        """
        people = read_class(self._settings)
        require_student(people, student)
        _require_id(student)
        about, traces = rows.rows_about(self._settings.db_url, student), find_traces(self._settings, student)
        in_exchange = find_in_exchange(self._settings, student)
        self._show(student, traces, about, keep_marks)
        self._show_outside(student, in_exchange)
        left: tuple[Path, ...] = ()
        pseudonym = (
            next(name for n in range(1, 10**6) if (name := PSEUDONYM.format(n)) not in people) if keep_marks else None
        )
        if not self._dry_run:
            self._require_yes(student, yes)
            with only_run(self._settings):
                left = remove_from_exchange(in_exchange)
                self._take_out(student, pseudonym, traces)
            list_rows(self._console, "This account may not remove; ask its owner or root", ((str(p), "") for p in left))
        found = {
            "student": student,
            "pseudonym": pseudonym,
            "assignments": about.assignments,
            "grades": about.grades,
            "comments": about.comments,
            **self._plain(traces),
            "in_exchange": [str(path) for path in in_exchange],
            "left_in_exchange": [str(path) for path in left],
        }
        kept = f" The marks are those of {pseudonym} now." if pseudonym else ""
        self._say(found, f"{student} is removed.{kept}")

    def _take_out(self, student: str, pseudonym: str | None, traces: Traces) -> None:
        """Files first: a run that is stopped can be told again whose they are."""
        remove_traces(self._settings, student, traces)
        if student not in rows.read_people(self._settings.db_url):
            return
        if pseudonym:
            rows.anonymise_student(self._settings.db_url, student, pseudonym)
        else:
            rows.remove_student(self._settings.db_url, student)

    def _show(
        self, student: str, traces: Traces, about: rows.PersonRows | None = None, keep_marks: bool = False
    ) -> None:
        if about is not None:
            verb = "stay, without a name" if keep_marks else "go"
            works = ", ".join(about.assignments) or "no work"
            self._console.print(
                f"gradebook: {works}; {count(about.grades, 'mark')} of cells {verb}, "
                f"{count(about.comments, 'comment')} go"
            )
        for title, paths in (
            (f"Folders of {student}", traces.folders),
            (f"Files with lines about {student}", traces.lines),
            ("Made of the whole class, and removed: make it again", traces.of_the_class),
        ):
            list_rows(self._console, title, ((str(path.relative_to(self._layout.root)), "") for path in paths))

    def _show_outside(self, student: str, in_exchange: Sequence[Path]) -> None:
        """Say what lies outside the course's folder: what goes too, and what nobody can take a person out of."""
        title = "In nbgrader's exchange, removed where this account may"
        list_rows(self._console, title, ((str(path), "") for path in in_exchange))
        self._console.print(
            f"Archives made so far (`course archive`, backups) keep {student}: remove them, and make a new one."
        )

    def _plain(self, traces: Traces) -> dict[str, object]:
        root = self._layout.root
        kinds = {"folders": traces.folders, "files": traces.lines, "of_the_class": traces.of_the_class}
        return {kind: [str(path.relative_to(root)) for path in paths] for kind, paths in kinds.items()}

    def _require_yes(self, student: str, yes: bool) -> None:
        if yes:
            return
        if not sys.stdin.isatty():
            raise CourseError(f"Nothing was removed: add --yes to remove {student}, or --dry-run only to look.")
        if not click.confirm(f"Remove all this of {student}? It can't be undone.", default=False, err=True):
            raise CourseError("Nothing was removed.")

    def _say(self, found: Mapping[str, object], sentence: str) -> None:
        if self._json:
            echo_json({**found, "written": not self._dry_run})
        self._console.print("Nothing was written." if self._dry_run else sentence)


def _require_id(student: str) -> None:
    if not is_student_id(student):
        raise LayoutError(f"{student!r} can't be a student's id: letters and digits, then . - @ too.")
