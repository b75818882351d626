"""No labelled wrong answer earns more with an attack below it than as it is; `course attack` tries all of them."""

import os
from contextlib import nullcontext

import pytest
from tests.conftest import ROOT

from closed_doors.authoring.quality.attacks import attacks
from closed_doors.authoring.quality.grade_answers import AnswerGrader
from closed_doors.authoring.quality.grade_one_answer import read_exercises
from closed_doors.authoring.quality.labelled_answers import read_answers
from closed_doors.authoring.quality.twins import grade_pairs, pairs_of
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.core.progress import silent
from closed_doors.nbgrader.settings import read_settings

COURSE = Layout(ROOT)
SAMPLE = int(os.environ.get("TWINS", "22"))  # pairs an assignment: each attack comes about once
SEED = int(os.environ.get("TWINS_SEED", "1"))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_no_twin_earns_more(assignment: str) -> None:
    """A sample of pairs, the same in every run; grading itself fails for none."""
    exercises = read_exercises(COURSE, assignment)
    wrong = [one for one in read_answers(COURSE.answers, assignment, list(exercises)) if not one.right]
    pairs = pairs_of([one for name in exercises for one in wrong if one.exercise == name], attacks(), SAMPLE, SEED)
    grader = AnswerGrader(read_settings(ROOT).deadlines, 3, lambda _: nullcontext(silent))
    tried = grade_pairs(pairs, exercises, read_profile(ROOT).packages.own, grader)
    assert [f"{each.pair}: {each.problem}" for each in tried if each.problem] == []
    assert {each.pair.attack.name for each in tried} == {each.name for each in attacks()}
