"""`course quality`: labelled answers graded for real, a table and a figure."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from closed_doors.authoring.quality.criteria_matrix import ExerciseMatrix, exercise_matrix
from closed_doors.authoring.quality.grade_answers import AnswerGrader, Task, require_solved
from closed_doors.authoring.quality.grade_one_answer import chosen, read_exercises
from closed_doors.authoring.quality.labelled_answers import read_answers
from closed_doors.authoring.quality.text_report import print_matrices
from closed_doors.classroom.local_pool import default_slots
from closed_doors.cli.progress_bar import progress_bar
from closed_doors.core.errors import QualityError
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.settings import read_settings


def answer_grader(layout: Layout, jobs: int | None, console: Console) -> AnswerGrader:
    """Return a grader of answers under the course's own time limits."""
    deadlines = read_settings(layout.root).deadlines
    return AnswerGrader(deadlines, jobs or default_slots(), partial(progress_bar, console))


def measure(
    layout: Layout,
    assignment: str,
    answers: Path | None,
    names: Sequence[str],
    jobs: int | None,
    console: Console,
) -> list[ExerciseMatrix]:
    """Grade the labelled answers of an assignment, print what they say of its criteria, and return it.

    Args:
        layout: the course.
        assignment: which one.
        answers: the collection; the course's own by default.
        names: exercises; all by default.
        jobs: answers graded at a time.
        console: where to print.

    Raises:
        CourseError: the assignment, an exercise or the collection is not there; the master's solution is wrong.
    """
    every = read_exercises(layout, layout.require(assignment))
    exercises = chosen(every, names)
    found = read_answers(answers or layout.answers, assignment, list(every))
    wanted = [answer for name in exercises for answer in found if answer.exercise == name]
    if not wanted:
        raise QualityError(f"The collection has no answer to {', '.join(exercises)}.")
    tasks = [
        task
        for name, exercise in exercises.items()
        for task in (
            Task(exercise, exercise.solution, patient=True),
            *(Task(exercise, each.source, patient=each.right) for each in wanted if each.exercise == name),
        )
    ]
    results = iter(answer_grader(layout, jobs, console).grade("Grading", tasks))
    matrices = []
    for exercise in exercises.values():
        reference = next(results)
        require_solved(exercise, reference)
        assert reference.report is not None
        graded = [(answer, next(results)) for answer in wanted if answer.exercise == exercise.name]
        matrices.append(exercise_matrix(exercise.name, reference.report.criteria, graded))
    print_matrices(console, assignment, matrices)
    return matrices


def as_plain(matrix: ExerciseMatrix) -> dict[str, object]:
    """Return what the labelled answers say of an exercise's criteria as plain data, for `--json`."""
    (accepted, right), (rejected, wrong) = matrix.share(True), matrix.share(False)
    return {
        "exercise": matrix.exercise,
        "right": right,
        "right_accepted": accepted,
        "wrong": wrong,
        "wrong_rejected": rejected,
        "not_as_labelled": [{"answer": str(answer), "problem": problem} for answer, problem in matrix.problems],
        "criteria": [
            {
                "name": tally.criterion.name,
                "hidden": tally.criterion.hidden,
                "weight": tally.criterion.weight,
                "catches": tally.caught,
                "alone": tally.alone,
            }
            for tally in matrix.tallies
        ],
    }
