"""Enters names into the gradebook, for formgrader to show, without loading nbgrader."""

from collections.abc import Sequence

import sqlalchemy as sa

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.gradebook_database import Database

Person = tuple[str, str, str, str]  # id, first name, last name, e-mail address


def enter_students(url: str, people: Sequence[Person]) -> bool:
    """Enter people who are not in the gradebook, and names that have changed.

    Args:
        url: the gradebook, as a SQLAlchemy URL.
        people: whom to enter.

    Returns:
        False where there is no gradebook yet: nbgrader has to make it.

    Raises:
        GradebookError: the gradebook can't be written to; nothing is entered.
    """
    columns = tables.student.c
    with Database(url).transaction() as db:
        if not sa.inspect(db).has_table(tables.student.name):
            return False
        stored = db.execute(sa.select(columns.id, columns.first_name, columns.last_name, columns.email))
        known = {row[0]: tuple(row) for row in stored}
        rows = [
            {"id": one[0], "first_name": one[1], "last_name": one[2], "email": one[3]}
            for one in people
            if known.get(one[0]) != one
        ]
        fresh = [row for row in rows if row["id"] not in known]
        if fresh:
            db.execute(sa.insert(tables.student), fresh)
        for row in rows:
            if row["id"] in known:
                db.execute(sa.update(tables.student).where(columns.id == row["id"]).values(row))
    return True
