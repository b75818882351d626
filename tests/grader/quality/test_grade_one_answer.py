"""One exercise graded alone gets the verdict that it gets in the whole notebook."""

import copy

import pytest
from tests.answers.answers import all_answers

from closed_doors.authoring.quality.grade_one_answer import grade_answer, read_exercises, together
from closed_doors.authoring.quality.labelled_answers import Answer
from closed_doors.core.errors import QualityError
from closed_doors.core.layout import Layout
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.notebook.json_files import parse
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild


def test_exercises_are_answer_cells_with_their_checks(repository: Layout) -> None:
    """In the notebook's order; what no cell grades automatically is none."""
    assert list(read_exercises(repository, "masque_causal")) == ["exercice-1", "exercice-2", "exercice-3", "bonus"]


def test_an_assignment_without_exercises_is_refused(course_copy: Layout) -> None:
    """There is nothing to try answers on."""
    (course_copy.source / "vide").mkdir()
    with pytest.raises(QualityError, match="no answer cell"):
        read_exercises(course_copy, "vide")


def test_tests_of_other_exercises_are_not_run(repository: Layout) -> None:
    """Later cells are gone, and earlier checks have kept what they define, without their tests."""
    exercise = read_exercises(repository, "generation")["exercice-3"]
    checks = [step for step in exercise.steps if step.grade_id.endswith("-verification")]
    assert [step.grade_id for step in checks] == [f"exercice-{n}-verification" for n in (1, 2, 3)]
    assert "def softmax_of" in checks[0].source
    assert "def test_" not in checks[0].source + checks[1].source
    assert "def test_loss_values" in checks[2].source


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("assignment", ["generation", "masque_causal", "multi_tetes", "noyau_attention"])
def test_the_verdict_is_that_of_the_whole_notebook(assignment: str, repository: Layout, zygote: Zygote) -> None:
    """Criterion by criterion, message by message, for some answers to each exercise."""
    path = repository.source / assignment / f"{assignment}.ipynb"
    master = parse(path.read_bytes())
    answers = [answer for answer in all_answers() if answer.assignment == assignment]
    exercises = read_exercises(repository, assignment)
    tried = [(e, answer) for e in exercises.values() for answer in _some(answers, e.name)]
    whole = []
    for exercise, answer in tried:
        submitted = copy.deepcopy(master)
        for cell in submitted["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise.answer_id:
                cell["source"] = answer.source
        steps = plan(master, rebuild(master, submitted).notebook)
        found = grade(zygote, steps, Deadlines(), files=exercise.files)
        whole.append(together([found.verdicts[check] for check in exercise.checks]))
    alone = [grade_answer(zygote, exercise, answer.source, Deadlines()) for exercise, answer in tried]
    assert alone == whole


def _some(answers: list[Answer], exercise: str) -> tuple[Answer, Answer]:
    theirs = [answer for answer in answers if answer.exercise == exercise]
    return theirs[0], theirs[-7]
