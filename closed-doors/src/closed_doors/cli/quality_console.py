"""`course quality`: labelled answers graded for real, a table and a figure."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from closed_doors.authoring.quality.bench import Bench, Result, Task
from closed_doors.authoring.quality.collection import read_answers
from closed_doors.authoring.quality.matrix import ExerciseMatrix, exercise_matrix
from closed_doors.authoring.quality.text_report import print_matrices
from closed_doors.authoring.quality.trial import Exercise, read_exercises
from closed_doors.classroom.local_pool import default_slots
from closed_doors.core.errors import LayoutError, MasterError, QualityError
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.settings import read_settings


def chosen(exercises: dict[str, Exercise], names: Sequence[str]) -> dict[str, Exercise]:
    """Return the exercises of these names; all, where none is named.

    Raises:
        LayoutError: there is no exercise of a name.
    """
    for name in names:
        if name not in exercises:
            raise LayoutError(f"There is no exercise {name!r} here. Known exercises: {', '.join(exercises)}.")
    return {name: exercise for name, exercise in exercises.items() if not names or name in names}


def bench_for(layout: Layout, jobs: int | None, console: Console) -> Bench:
    """Return a bench under the course's own time limits."""
    return Bench(read_settings(layout.root).deadlines, jobs or default_slots(), console)


def require_solved(exercise: Exercise, result: Result) -> None:
    """Refuse to measure tests that the master's own solution does not pass.

    Raises:
        MasterError: it misses a criterion, or could not be graded.
    """
    missed = [criterion.name for criterion in result.report.criteria if not criterion.passed] if result.report else []
    if result.report is None or missed:
        why = f"it misses {', '.join(missed)}" if missed else result.failure or "it ran out of time"
        raise MasterError(f"The master's own solution of {exercise.name} does not earn every point: {why}.")


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
    results = iter(bench_for(layout, jobs, console).grade("Grading", tasks))
    matrices = []
    for exercise in exercises.values():
        reference = next(results)
        require_solved(exercise, reference)
        assert reference.report is not None
        graded = [(answer, next(results)) for answer in wanted if answer.exercise == exercise.name]
        matrices.append(exercise_matrix(exercise.name, reference.report.criteria, graded))
    print_matrices(console, assignment, matrices)
    return matrices
