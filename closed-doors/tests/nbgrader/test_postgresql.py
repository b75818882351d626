"""A class graded into a real PostgreSQL server, started for these tests."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from closed_doors.classroom.class_run import Options
from closed_doors.nbgrader.api import NbgraderCourse
from support.courses import ASSIGNMENT, COMMENTS, GRADES, HALF, RIGHT, WRONG, SmallCourse, make_course, master
from support.grading_run import autograde, command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as db:
        found = [tuple(row) for row in db.execute(sa.text(query))]
    engine.dispose()
    return sorted(found, key=repr)


def test_grades_are_those_of_sqlite(postgresql: str, tmp_path: Path) -> None:
    """The same class gives the same rows; it is graded once, and nbgrader reads and marks it there."""
    course = make_course(tmp_path / "postgresql", f"\nc.CourseDirectory.db_url = {postgresql!r}\n")
    other = make_course(tmp_path / "sqlite")
    for each in (course, other):
        for student, answer in (("alice", RIGHT), ("bruno", HALF), ("chloé", WRONG)):
            each.submit(student, answer)
    assert autograde(course).graded == 3
    autograde(other)
    for query in (GRADES, COMMENTS):
        ours = [tuple(bool(v) if isinstance(v, bool) else v for v in row) for row in rows(postgresql, query)]
        assert ours == sorted(other.rows(query), key=repr) or ours == sorted(_with_booleans(other, query), key=repr)
    assert autograde(course).unchanged == 3
    stock = NbgraderCourse(course.root)
    stock.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "alice", 2, "Oui.")
    autograde(course, Options(force=True))
    mark = stock.mark(ASSIGNMENT, "alice")
    assert mark is not None
    assert (mark.score, mark.needs_manual_grade) == (6, False)
    assert stock.export_csv(tmp_path / "grades.csv") == 3


def _with_booleans(course: SmallCourse, query: str) -> list[tuple[Any, ...]]:
    """SQLite has no booleans: 0 and 1 stand in the last column of grades."""
    if query != GRADES:
        return course.rows(query)
    return [(*row[:-1], bool(row[-1])) for row in course.rows(query)]


def test_cells_change_after_grading(postgresql: str, tmp_path: Path) -> None:
    """Exercises are taken out and come back there as well, with types that PostgreSQL checks."""
    course = make_course(tmp_path / "course", f"\nc.CourseDirectory.db_url = {postgresql!r}\n")
    course.submit("alice", RIGHT)
    autograde(course, Options(("alice",), force=True))
    stock = NbgraderCourse(course.root)
    stock.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "alice", 2, "Oui.")
    for cells, score in ((slice(3), 4), (slice(None), 6)):
        changed = master()
        changed.cells = changed.cells[cells]
        course.set_master(changed)
        command(course)[0].regrade((), dry_run=False)
        mark = stock.mark(ASSIGNMENT, "alice")
        assert mark is not None
        assert (mark.score, mark.max_score) == (score, score)
