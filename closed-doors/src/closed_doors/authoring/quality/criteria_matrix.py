"""What labelled answers say of an exercise's criteria: who is accepted, who is not, and which criterion decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from checks.report import Criterion
from closed_doors.authoring.quality.grade_answers import Result
from closed_doors.authoring.quality.labelled_answers import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled answer, graded.

    Attributes:
        missed: names of the criteria that it misses.
        failure: why grading itself failed; empty where it did not.
        unknown: names that its label gives and that are no criteria of the exercise.
    """

    answer: Answer
    missed: tuple[str, ...]
    failure: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it misses nothing."""
        return not self.missed and not self.failure

    @property
    def problem(self) -> str:
        """What is not as its label says; empty where all is."""
        if self.failure:
            return f"could not be graded: {self.failure}"
        if self.answer.right:
            return f"right, but misses {', '.join(self.missed)}" if self.missed else ""
        if not self.missed:
            return "wrong, but every criterion is met"
        if self.unknown:
            return f"its label names no criterion of the exercise: {', '.join(self.unknown)}"
        met = [name for name in self.answer.fails if name not in self.missed]
        return f"wrong, but meets {', '.join(met)}, which its label says it must miss" if met else ""


@dataclass(frozen=True, slots=True)
class Tally:
    """One criterion, over all wrong answers to its exercise.

    Attributes:
        caught: how many miss it.
        alone: how many miss it and nothing else: without it they would be accepted.
    """

    criterion: Criterion
    caught: int
    alone: int

    @property
    def note(self) -> str:
        """Why the criterion may not be worth its place; empty where it decides."""
        if not self.caught:
            return "catches nothing"
        return "" if self.alone else "never alone"


@dataclass(frozen=True, slots=True)
class ExerciseMatrix:
    """The answers to one exercise, and its criteria."""

    exercise: str
    outcomes: tuple[Outcome, ...]
    tallies: tuple[Tally, ...]

    def share(self, right: bool) -> tuple[int, int]:
        """Return how many right answers are accepted (or wrong ones rejected), and how many there are."""
        concerned = [outcome for outcome in self.outcomes if outcome.answer.right is right]
        return sum(not outcome.failure and outcome.accepted is right for outcome in concerned), len(concerned)

    @property
    def problems(self) -> list[tuple[Answer, str]]:
        """The answers that are not treated as their labels say, and why."""
        return [(outcome.answer, outcome.problem) for outcome in self.outcomes if outcome.problem]


def exercise_matrix(
    exercise: str, criteria: Sequence[Criterion], graded: Sequence[tuple[Answer, Result]]
) -> ExerciseMatrix:
    """Return what the graded answers to one exercise say.

    Args:
        exercise: its name.
        criteria: its criteria, as the master's solution meets them.
        graded: its labelled answers, with their results.
    """
    names = [criterion.name for criterion in criteria]
    outcomes = tuple(
        Outcome(
            answer,
            () if result.failure else result.missed(names),
            result.failure,
            tuple(name for name in answer.fails if name not in names),
        )
        for answer, result in graded
    )
    wrong = [outcome.missed for outcome in outcomes if not outcome.answer.right]
    tallies = tuple(
        Tally(
            criterion,
            caught=sum(criterion.name in missed for missed in wrong),
            alone=sum(missed == (criterion.name,) for missed in wrong),
        )
        for criterion in criteria
    )
    return ExerciseMatrix(exercise, outcomes, tallies)
