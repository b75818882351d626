"""The gradebook's tables as they are written to without nbgrader, held against nbgrader's own models."""

import nbgrader.api
import pytest
import sqlalchemy as sa

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.gradebook_writer import Gradebook

OURS = [table for table in tables.schema.tables.values() if not table.name.startswith("closed_door_")]


@pytest.mark.parametrize("table", OURS, ids=lambda table: table.name)
def test_each_column_is_nbgraders(table: sa.Table) -> None:
    """Names and kinds agree, and what is left out may be empty."""
    theirs = nbgrader.api.Base.metadata.tables[table.name]
    for column in table.columns:
        assert theirs.columns[column.name].type._type_affinity is column.type._type_affinity, column
    for column in theirs.columns:
        if table.name in ("student", "submitted_assignment", "submitted_notebook", "grade", "comment"):
            assert column.name in table.columns or column.nullable, column


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:////nowhere/at/all.db", "unable to open database file"),
        ("nonsense", "can't be opened"),
        ("postgresql+psycopg://eve:secret@127.0.0.1:1/x", "could not be used"),
    ],
)
def test_a_database_that_is_not_there_is_named(url: str, why: str) -> None:
    """The message says which one, without its password."""
    with pytest.raises(GradebookError, match=why) as raised:
        Gradebook(url, "petit").structure()
    assert "secret" not in str(raised.value)


def test_an_empty_database_knows_no_assignment() -> None:
    """A gradebook that nbgrader has not made yet is empty, and nothing is made in it by looking."""
    assert Gradebook("sqlite://", "petit").structure() == {}
