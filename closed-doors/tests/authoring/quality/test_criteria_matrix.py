"""What graded answers say of the criteria."""

from checks.report import CellReport, Criterion, Kind
from closed_doors.authoring.quality.criteria_matrix import ExerciseMatrix, exercise_matrix
from closed_doors.authoring.quality.grade_answers import Result
from closed_doors.authoring.quality.labelled_answers import Answer

NAMES = ("test_a", "test_b", "test_c")


def criterion(name: str, passed: bool = True) -> Criterion:
    return Criterion(name, name, 1.0, False, Kind.PASSED if passed else Kind.WRONG_VALUES)


def graded(name: str, right: bool, missed: str, fails: tuple[str, ...] = ()) -> tuple[Answer, Result]:
    report = CellReport(tuple(criterion(each, each[-1] not in missed) for each in NAMES), 3.0)
    return Answer("devoir", "exercice-1", right, name, "", fails, ""), Result(report)


def matrix(*rows: tuple[Answer, Result]) -> ExerciseMatrix:
    return exercise_matrix("exercice-1", [criterion(name) for name in NAMES], rows)


def test_criteria_are_counted_over_the_wrong_answers() -> None:
    """A criterion catches, alone or with others; one that catches nothing, or never alone, is said to."""
    found = matrix(graded("r", True, ""), graded("w1", False, "a"), graded("w2", False, "ab"))
    assert [(t.caught, t.alone, t.note) for t in found.tallies] == [
        (2, 1, ""),
        (1, 0, "never alone"),
        (0, 0, "catches nothing"),
    ]
    assert found.share(True) == (1, 1)
    assert found.share(False) == (2, 2)
    assert found.problems == []


def test_whatever_is_not_as_labelled_is_a_problem() -> None:
    """A right answer that loses, a wrong one that passes, and one that meets what its label names."""
    found = matrix(
        graded("r", True, "b"),
        graded("w1", False, ""),
        graded("w2", False, "a", ("test_a", "test_b")),
        graded("w3", False, "a", ("test_z",)),
        (graded("w4", False, "")[0], Result(None, "no sandbox")),
    )
    assert [(answer.name, why) for answer, why in found.problems] == [
        ("r", "right, but misses test_b"),
        ("w1", "wrong, but every criterion is met"),
        ("w2", "wrong, but meets test_b, which its label says it must miss"),
        ("w3", "its label names no criterion of the exercise: test_z"),
        ("w4", "could not be graded: no sandbox"),
    ]
    assert found.share(True) == (0, 1)
    assert found.share(False) == (2, 4)


def test_an_answer_that_runs_out_of_time_misses_everything() -> None:
    """No verdict is no point."""
    found = matrix((graded("w", False, "")[0], Result(None)))
    assert found.outcomes[0].missed == NAMES
    assert found.share(False) == (1, 1)
