"""What the marking desk keeps beside nbgrader's grades and comments, in the gradebook itself.

So one transaction writes a mark with the items that it comes from, and who archives, renames or removes a person does
so with all of it. Answers are named by the id of the submitted notebook, which grading anew keeps.
"""

import sqlalchemy as sa

from closed_doors.nbgrader.gradebook_tables import schema

marking = sa.Table(
    "closed_door_marking",
    schema,
    sa.Column("notebook_id", sa.String(32), primary_key=True),  # of submitted_notebook
    sa.Column("cell", sa.String(128), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("met", sa.Text, nullable=False),  # JSON: the share of each item's points that the answer has
    sa.Column("free", sa.Float),  # a mark that goes before the items
    sa.Column("flagged", sa.Boolean, nullable=False),
    sa.Column("skipped", sa.DateTime),
    sa.Column("marker", sa.String(128), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)
item = sa.Table(
    "closed_door_scheme_item",
    schema,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("cell", sa.String(128), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("points", sa.Float, nullable=False),
)
log = sa.Table(
    "closed_door_marking_log",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("batch", sa.String(32), nullable=False),  # what was done at once is undone at once
    sa.Column("notebook_id", sa.String(32), nullable=False, index=True),
    sa.Column("cell", sa.String(128), nullable=False),
    sa.Column("marker", sa.String(128), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False),
)
saved_comment = sa.Table(
    "closed_door_saved_comment",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("assignment", sa.String(128), nullable=False),
    sa.Column("notebook", sa.String(128), nullable=False),
    sa.Column("cell", sa.String(128), nullable=False),
    sa.Column("item", sa.String(128), nullable=False),  # suggested where it is missed; empty: always
    sa.Column("text", sa.Text, nullable=False),
)
share = sa.Table(
    "closed_door_share",
    schema,
    sa.Column("submission_id", sa.String(32), primary_key=True),  # of submitted_assignment
    sa.Column("marker", sa.String(128), nullable=False),
)
second = sa.Table(
    "closed_door_second_reading",
    schema,
    sa.Column("notebook_id", sa.String(32), primary_key=True),
    sa.Column("cell", sa.String(128), primary_key=True),
    sa.Column("marker", sa.String(128), nullable=False),
    sa.Column("met", sa.Text, nullable=False),
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)
request = sa.Table(
    "closed_door_request",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("assignment", sa.String(128), nullable=False),
    sa.Column("student_id", sa.String(128), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("received", sa.DateTime, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("answered", sa.DateTime),
    sa.Column("marker", sa.String(128)),
)
ALL = (marking, item, log, saved_comment, share, second, request)
BY_NOTEBOOK = (marking, log, second)
BY_QUESTION = (item, saved_comment)


def rename_cell(
    db: sa.Connection, assignment: str, notebook: str, works: sa.Select[tuple[str]], names: tuple[str, str]
) -> None:
    """Let what is kept of a cell follow it to its new name.

    Args:
        db: the gradebook.
        assignment: nbgrader's name for it.
        notebook: the notebook's, without its ending.
        works: the ids of what was handed in of the notebook.
        names: the cell's old name and its new one.
    """
    there, (old, new) = sa.inspect(db).get_table_names(), names
    for table in (*BY_NOTEBOOK, *BY_QUESTION):
        if table.name not in there:
            continue
        named = table in BY_QUESTION
        mine = (
            [table.c.assignment == assignment, table.c.notebook == notebook]
            if named
            else [table.c.notebook_id.in_(works)]
        )
        db.execute(sa.update(table).where(*mine, table.c.cell == old).values(cell=new))


def forget_works(db: sa.Connection, works: sa.Select[tuple[str]]) -> None:
    """Take out what is kept of works, named by the ids of their notebooks."""
    there = sa.inspect(db).get_table_names()
    for table in BY_NOTEBOOK:
        if table.name in there:
            db.execute(sa.delete(table).where(table.c.notebook_id.in_(works)))
