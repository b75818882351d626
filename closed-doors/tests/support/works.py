"""Graded notebooks as a report meets them, built by hand: cells, verdicts and marks."""

from typing import Any

from checks.report import Criterion, Kind, Masks
from closed_doors.grading.verdict.verdict import CellVerdict, Diagnosis, Verdict
from closed_doors.nbgrader.gradebook_reader import CellMark, Comment, NotebookMarks
from closed_doors.pages.feedback.feedback_content import Work

# A 1 × 1 picture.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SECRET = "SECRET-7351"


def cell(kind: str, source: str, grade_id: str = "", outputs: tuple[Any, ...] = (), **marks: Any) -> dict[str, Any]:
    """A cell of an autograded notebook; one without a grade_id is the student's own."""
    metadata = {"nbgrader": {"grade_id": grade_id, "locked": not marks.get("solution"), **marks}} if grade_id else {}
    found = {"cell_type": kind, "id": grade_id or "own-0", "metadata": metadata, "source": source}
    return found | {"outputs": list(outputs)} if kind == "code" else found


def criterion(
    text: str, passed: bool = True, message: str = "", hidden: bool = False, masks: Masks | None = None
) -> Criterion:
    """What became of a criterion."""
    kind = Kind.PASSED if passed else Kind.WRONG_VALUES
    return Criterion(f"test_{SECRET}", text, 1.0, hidden, kind, message, masks=masks)


def verdicts(*criteria: Criterion, diagnosis: Diagnosis | None = None, complete: bool = True, **more: Any) -> Verdict:
    """A verdict about one grading cell, called verification."""
    found = CellVerdict("verification", 4.0, 2.0, 4.0, criteria, diagnosis, complete)
    return Verdict(assignment="petit", student="alice", notebook="petit", cells=(found,), **more)


def mark(maximum: float, automatic: float | None, manual: float | None = None, **more: Any) -> CellMark:
    """A mark; what nobody has given is pending."""
    return CellMark(
        maximum, automatic, manual, more.get("extra", 0.0), more.get("pending", automatic is manual is None)
    )


def lesson(source: str, grade_id: str = "cours") -> dict[str, Any]:
    return cell("markdown", source, grade_id)


ANSWER = cell("code", "def double(n):\n    return n + 2", "reponse", solution=True)
CHECK = cell("code", f"# {SECRET}\nrun_tests(points=4)", "verification", grade=True, points=4)
TEXT = cell("markdown", "Parce que $x^2$.", "question", solution=True, grade=True, points=2)
CELLS = (
    lesson("# Un devoir\n\n<!-- BEGIN MARK SCHEME -->"),
    lesson("## 1. Cours\n\nUne leçon.", "lecon"),
    lesson("### Exercice 1. Le double", "exercice"),
    ANSWER,
    CHECK,
    lesson(f"### Question. Pourquoi ?\n\nBarème : {SECRET}", "question-titre"),
    TEXT,
)
FOUND = verdicts(
    criterion("Le double de 2 est 4."),
    criterion("Le double d'autres nombres.", False, "Le résultat n'est pas celui attendu.", hidden=True),
)
MARKS = {"verification": mark(4, 2.0), "question": mark(2, None, 1.5)}


def work(
    cells: Any = CELLS,
    found: Verdict | None = FOUND,
    marks: dict[str, CellMark] | None = None,
    comments: dict[str, Comment] | None = None,
    **more: Any,
) -> Work:
    """One student's graded notebook."""
    given = NotebookMarks(dict(MARKS if marks is None else marks), comments or {}, more.get("penalty", 0.0))
    name, late_s = more.get("student", "Alice Exemple"), more.get("late_s", 0.0)
    return Work("petit", name, cells, found, given, late_s, more.get("language", "fr"))
