"""Lets one student's rows be found without reading a class's: indexes that nbgrader does not make.

nbgrader finds a cell's grades by the cell first, and for one student's would read everybody's. The queue of a grading
server finds what is next, what is the same student's and what is to be told, however much waits.
"""

import sqlalchemy as sa

from closed_doors.nbgrader.gradebook_tables import comment, grade, hand_in, job, submitted

INDEXES = (
    sa.Index("closed_door_grade_of_notebook", grade.c.notebook_id),
    sa.Index("closed_door_comment_of_notebook", comment.c.notebook_id),
    sa.Index("closed_door_notebook_of_submission", submitted.c.assignment_id),
    sa.Index("closed_door_job_of_student", job.c.course, job.c.assignment, job.c.student_id, job.c.arrived),
    sa.Index("closed_door_job_next", job.c.course, job.c.state, job.c.not_before, job.c.arrived, job.c.id),
    sa.Index("closed_door_hand_in_of_job", hand_in.c.job_id),
    sa.Index("closed_door_hand_in_untold", hand_in.c.course, hand_in.c.told, hand_in.c.id),
)


def make_indexes(db: sa.Connection) -> None:
    """Make the indexes that are missing, of tables that are there."""
    there = sa.inspect(db)
    for index in INDEXES:
        table = index.table
        if table is not None and there.has_table(table.name) and not there.has_index(table.name, str(index.name)):
            index.create(db)
