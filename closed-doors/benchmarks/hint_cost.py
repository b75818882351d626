"""Prints what a hint costs: processor time of a failed cell graded with the diagnosis data, less that without.

    python closed-doors/benchmarks/hint_cost.py [--answers N] [--rounds N] [--course COURSE] [ASSIGNMENT]...

Labelled wrong answers of each exercise are graded with and without, in turns, in one warm process. The time is what the
kernel charged both sandboxes with, from their start to their end; what else runs on the machine only adds some noise,
as processors that are shared get slower.
"""

import argparse
import statistics

import machine

from closed_doors.authoring.hint_writing.misconceptions import KnownExercise, read_known
from closed_doors.authoring.quality.grade_one_answer import Exercise, read_exercises
from closed_doors.core.layout import Layout
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.notebook.plan import Step


def costs(
    zygote: Zygote, exercise: Exercise, known: KnownExercise, data: bytes, answers: int, rounds: int
) -> list[float]:
    """Return what a hint costs with each of some wrong answers, in seconds: medians over the rounds."""
    named = [source for name, source in known.wrong.items() if known.misconception_of(name)]
    found = []
    for source in named[:: max(1, len(named) // answers)][:answers]:
        steps = exercise.with_answer(source)

        def cpu_s(diagnosis: bytes, steps: list[Step] = steps) -> float:
            return grade(zygote, steps, files=exercise.files, diagnosis=diagnosis).cpu_s

        differences = [cpu_s(data) - cpu_s(b"") for _ in range(rounds + 1)]
        found.append(statistics.median(differences[1:]))  # the first warms both stages up
    return found


def main() -> None:
    """Measure, and print a line an exercise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assignments", nargs="*", help="all of the course's where none is named")
    machine.add_course_option(parser)
    parser.add_argument("--answers", type=int, default=6, help="wrong answers to each exercise")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is graded with and without")
    arguments = parser.parse_args()
    course = Layout(arguments.course)
    print(machine.name())
    print(f"{'a hint, ms of processor time':46} median    most")
    with Zygote() as zygote:
        for assignment in arguments.assignments or course.assignments():
            exercises = read_exercises(course, assignment)
            data = course.hints(assignment, assignment).read_bytes()
            for known in read_known(course.answers / assignment):
                found = costs(zygote, exercises[known.name], known, data, arguments.answers, arguments.rounds)
                middle, most = 1000 * statistics.median(found), 1000 * max(found)
                print(f"{assignment}, {known.name:{44 - len(assignment)}} {middle:6.1f}  {most:6.1f}", flush=True)


if __name__ == "__main__":
    main()
