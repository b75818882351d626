"""Names that an instructor's cell and a solution both define, and that an instructor's cell uses afterwards.

Grading takes such a name for the student's, as a solution defines it: an answer could put whatever it likes in the
place of what the instructor wrote. Which of the two is meant can't be known, so the master is refused.
"""

from collections.abc import Iterator

from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.authoring.leak_scan.readings import parsed
from closed_doors.notebook.global_names import bound_names, free_names, used_names
from closed_doors.notebook.instructor_code import python_of
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.plan import Role, Step, plan


def names_defined_twice(master: Notebook, file: str) -> Iterator[Finding]:
    """Yield where an answer could redefine what an instructor's cell uses.

    Args:
        master: the instructor's notebook, solutions in place, its markers nbgrader's.
        file: what messages call it.
    """
    theirs: dict[str, Step] = {}
    students: dict[str, Step] = {}
    for step in plan(master, master):
        if step.role is Role.ANSWER:
            students |= {name: step for name in step.student_names if name not in students}
            continue
        source = python_of(step.source)
        if parsed(source) is None:
            continue
        for name in sorted(free_names(source) & theirs.keys() & students.keys()):
            yield _finding(file, step, name, theirs[name], students[name])
        means_the_students = used_names(source) & students.keys()  # as one that wraps an answer's function does
        theirs |= dict.fromkeys(bound_names(source) - means_the_students, step)


def _finding(file: str, step: Step, name: str, theirs: Step, students: Step) -> Finding:
    reason = (
        f"it uses {name}, which {_called(theirs)} defines and the solution of {_called(students)} too: "
        "any answer could redefine it"
    )
    remedy = f"rename it in {_called(theirs)} and where its own is meant, or define it in the solution alone"
    return Finding(Place(file, step.grade_id, step.index + 1), reason, remedy)


def _called(step: Step) -> str:
    return step.grade_id or f"cell {step.index + 1}"
