"""nbgrader's gradebook as tables, with the columns that the course uses; a test compares them with nbgrader's models.

Loading nbgrader for them would take two seconds. Tables whose name begins with closed_door are our own: what grades
come from (see `gradebook_writer`), what became of cells that are graded no more (see `gradebook_restructure`), who may
hand in until when (see `gradebook_students`), which penalties nbgrader gave before (see `adopted_grades`), and what
waits for a grading server (see `hand_in_queue`).
"""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

Query = sa.Select[*tuple[Any, ...]]
Row = sa.Row[*tuple[Any, ...]]
Condition = sa.ColumnElement[bool]

schema = sa.MetaData()


def one_of(column: sa.ColumnElement[str], values: Collection[str] | None) -> Condition:
    """Return the condition that a column has one of some values; any at all where these are None."""
    return sa.true() if values is None else column.in_(values)


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex)


def _link(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32))


def _cell_type(name: str) -> sa.Column[str]:
    """Return the column of a cell's type, which PostgreSQL keeps as a type of that name."""
    return sa.Column("cell_type", sa.Enum("code", "markdown", name=name, create_type=False))


assignment = sa.Table("assignment", schema, _id(), sa.Column("name", sa.String(128)), sa.Column("duedate", sa.DateTime))
notebook = sa.Table(
    "notebook",
    schema,
    _id(),
    sa.Column("name", sa.String(128)),
    _link("assignment_id"),
    sa.Column("kernelspec", sa.String(1024)),
)
cell = sa.Table(
    "base_cell",
    schema,
    _id(),
    sa.Column("name", sa.String(128)),
    _link("notebook_id"),
    sa.Column("type", sa.String(50)),
)
points = sa.Table("grade_cells", schema, _id(), sa.Column("max_score", sa.Float), _cell_type("grade_cell_type"))
solution = sa.Table("solution_cells", schema, _id())
task_points = sa.Table("task_cells", schema, _id(), sa.Column("max_score", sa.Float), _cell_type("grade_cell_type"))
source = sa.Table(
    "source_cell",
    schema,
    _id(),
    sa.Column("name", sa.String(128)),
    _link("notebook_id"),
    _cell_type("source_cell_type"),
    sa.Column("locked", sa.Boolean),
    sa.Column("source", sa.Text),
    sa.Column("checksum", sa.String(128)),
)
student = sa.Table(
    "student",
    schema,
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("first_name", sa.String(128)),
    sa.Column("last_name", sa.String(128)),
    sa.Column("email", sa.String(128)),
)
submission = sa.Table(
    "submitted_assignment",
    schema,
    _id(),
    _link("assignment_id"),
    sa.Column("student_id", sa.String(128)),
    sa.Column("timestamp", sa.DateTime),
    sa.Column("extension", sa.Interval),
)
submitted = sa.Table(
    "submitted_notebook",
    schema,
    _id(),
    _link("assignment_id"),
    _link("notebook_id"),
    sa.Column("flagged", sa.Boolean, default=False),
    sa.Column("late_submission_penalty", sa.Float),
)
grade = sa.Table(
    "grade",
    schema,
    _id(),
    _link("notebook_id"),
    _link("cell_id"),
    sa.Column("auto_score", sa.Float),
    sa.Column("manual_score", sa.Float),
    sa.Column("extra_credit", sa.Float),
    sa.Column("needs_manual_grade", sa.Boolean, default=True),
)
comment = sa.Table(
    "comment",
    schema,
    _id(),
    _link("notebook_id"),
    _link("cell_id"),
    sa.Column("auto_comment", sa.Text),
    sa.Column("manual_comment", sa.Text),
)
graded = sa.Table(
    "closed_door_grading",
    schema,
    sa.Column("submission_id", sa.String(32), primary_key=True),
    sa.Column("content", sa.String(64), nullable=False),
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("received", sa.DateTime),
)
answer = sa.Table(
    "closed_door_answer",
    schema,
    sa.Column("notebook_id", sa.String(32), primary_key=True),  # of submitted_notebook
    sa.Column("cell", sa.String(128), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
)
renamed = sa.Table(
    "closed_door_renamed",
    schema,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("old", sa.String(128), primary_key=True),
    sa.Column("new", sa.String(128), nullable=False),
)
extended = sa.Table(
    "closed_door_extension",
    schema,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("student_id", sa.String(128), primary_key=True),
    sa.Column("until", sa.DateTime, nullable=False),  # in UTC without a zone
)
given_penalty = sa.Table(
    "closed_door_given_penalty",
    schema,
    sa.Column("notebook_id", sa.String(32), primary_key=True),  # of submitted_notebook
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("late_s", sa.Float, nullable=False),
    sa.Column("penalty", sa.Float, nullable=False),
)
set_aside = sa.Table(
    "closed_door_set_aside",
    schema,
    _id(),
    sa.Column("assignment", sa.String(128)),
    sa.Column("notebook", sa.String(128)),
    sa.Column("cell", sa.String(128)),
    sa.Column("student_id", sa.String(128)),
    sa.Column("manual_score", sa.Float),
    sa.Column("extra_credit", sa.Float),
    sa.Column("manual_comment", sa.Text),
)
job = sa.Table(
    "closed_door_job",
    schema,
    sa.Column("id", sa.String(32), primary_key=True),  # follows from the four columns below
    sa.Column("course", sa.String(128), nullable=False),
    sa.Column("assignment", sa.String(128), nullable=False),
    sa.Column("student_id", sa.String(128), nullable=False),
    sa.Column("content", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("arrived", sa.DateTime, nullable=False),  # as are all times here, in UTC without a zone
    sa.Column("not_before", sa.DateTime),
    sa.Column("owner", sa.String(64)),
    sa.Column("lease_until", sa.DateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("claims", sa.Integer, nullable=False),
    sa.Column("graded", sa.DateTime),
    sa.Column("counts", sa.Boolean),
    sa.Column("reason", sa.Text),
)
hand_in = sa.Table(
    "closed_door_hand_in",
    schema,
    _id(),
    sa.Column("course", sa.String(128), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("job_id", sa.String(32), nullable=False),
    sa.Column("arrived", sa.DateTime, nullable=False),
    sa.Column("secret", sa.String(512)),
    sa.Column("told", sa.String(16), nullable=False),
    sa.UniqueConstraint("course", "name", name="closed_door_hand_in_once"),
)
