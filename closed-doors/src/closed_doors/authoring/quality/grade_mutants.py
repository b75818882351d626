"""Every mutant of the master's solutions is graded, and should lose points."""

from collections.abc import Sequence
from dataclasses import dataclass

from closed_doors.authoring.quality.equivalent_mutants import Equivalent
from closed_doors.authoring.quality.grade_answers import AnswerGrader, Result, Task, require_solved
from closed_doors.authoring.quality.grade_one_answer import Exercise
from closed_doors.authoring.quality.make_mutants import Mutant, mutants_of


@dataclass(frozen=True, slots=True)
class Tried:
    """One mutant, graded.

    Attributes:
        killed: whether it misses a criterion.
        equivalent: whether it is listed as being right too.
        failure: why grading itself failed; empty where it did not.
    """

    mutant: Mutant
    killed: bool
    equivalent: bool
    failure: str = ""

    @property
    def survives(self) -> bool:
        """Whether nobody has noticed it, and nobody has said why."""
        return not self.killed and not self.equivalent and not self.failure


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the mutants.

    Attributes:
        tried: all of them.
        stale: listed as equivalent, but killed, or made by no operator any more; with what is wrong.
    """

    tried: tuple[Tried, ...]
    stale: tuple[tuple[Equivalent, str], ...]

    @property
    def score(self) -> float:
        """The share of mutants killed, of those that are not equivalent; from 0 to 1."""
        return score(self.tried)

    @property
    def is_clean(self) -> bool:
        """Whether every mutant is killed or explained, and every explanation is needed."""
        return not self.stale and not any(each.survives or each.failure for each in self.tried)


def score(tried: Sequence[Tried]) -> float:
    """Return the share of mutants killed, of those that are not equivalent; 1 where there is none."""
    counted = [each for each in tried if each.killed or not each.equivalent]
    return sum(each.killed for each in counted) / len(counted) if counted else 1.0


def list_mutants(exercises: dict[str, Exercise]) -> list[Mutant]:
    """Return the mutants of the exercises' solutions, those of one exercise together."""
    return [
        mutant
        for exercise in exercises.values()
        for mutant in mutants_of(exercise.name, exercise.solution, exercise.modules)
    ]


def grade_mutants(exercises: dict[str, Exercise], listed: Sequence[Equivalent], grader: AnswerGrader) -> Summary:
    """Grade the mutants of exercises' solutions.

    Args:
        exercises: by name.
        listed: mutants that are known to be right too.
        grader: what grades them.

    Raises:
        MasterError: a solution itself does not earn every point.
    """
    mutants = list_mutants(exercises)
    solutions = [Task(exercise, exercise.solution, patient=True) for exercise in exercises.values()]
    answers = [Task(exercises[mutant.exercise], mutant.source) for mutant in mutants]
    results = grader.grade("Grading mutants", solutions + answers)
    for exercise, result in zip(exercises.values(), results, strict=False):
        require_solved(exercise, result)
    return _summary(list(zip(mutants, results[len(solutions) :], strict=True)), listed)


def _summary(graded: list[tuple[Mutant, Result]], listed: Sequence[Equivalent]) -> Summary:
    equivalent = {each.key for each in listed}
    tried = tuple(
        Tried(mutant, _is_killed(result), mutant.key in equivalent, result.failure) for mutant, result in graded
    )
    killed = {each.mutant.key: each.killed for each in sorted(tried, key=lambda each: each.killed)}
    stale = [(each, "no such mutant") for each in listed if each.key not in killed]
    stale += [(each, "the tests kill it") for each in listed if killed.get(each.key)]
    return Summary(tried, tuple(stale))


def _is_killed(result: Result) -> bool:
    if result.failure:
        return False
    return result.report is None or not all(criterion.passed for criterion in result.report.criteria)
