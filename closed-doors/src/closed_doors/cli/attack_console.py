"""`course attack`: wrong answers with attacks below them, graded; those that pay are printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from closed_doors.authoring.quality.attacks import Attack, attacks
from closed_doors.authoring.quality.grade_answers import AnswerGrader
from closed_doors.authoring.quality.grade_one_answer import chosen, read_exercises
from closed_doors.authoring.quality.labelled_answers import Answer, read_answers
from closed_doors.authoring.quality.made_answers import made_answers
from closed_doors.authoring.quality.twins import Tried, grade_pairs, pairs_of
from closed_doors.classroom.local_pool import default_slots
from closed_doors.cli.console import PlainConsole, echo
from closed_doors.cli.progress_bar import progress_bar
from closed_doors.core.errors import QualityError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.settings import read_settings


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be tried.

    Attributes:
        assignment: whose wrong answers.
        answers: the collection; the course's own by default, if it has one.
        exercises: of these; all by default.
        attacks: names; all by default.
        sample: how many pairs; all by default.
        seed: which ones.
        jobs: answers graded at a time.
    """

    assignment: str
    answers: Path | None = None
    exercises: Sequence[str] = ()
    attacks: Sequence[str] = ()
    sample: int | None = None
    seed: int = 0
    jobs: int | None = None


def attack_answers(layout: Layout, choice: Choice, console: Console, only_list: bool, as_json: bool) -> bool:
    """Try attacks on an assignment's wrong answers, and print which of them pay.

    Args:
        layout: the course.
        choice: what is to be tried.
        console: where to print.
        only_list: list the attacks, and grade nothing.
        as_json: print JSON on standard output, and progress elsewhere.

    Returns:
        Whether none pays, and all could be graded.

    Raises:
        CourseError: the assignment, an exercise, an attack or the collection is not there.
    """
    wanted = _attacks(choice.attacks)
    if only_list:
        for each in wanted:
            console.print(f"{each.name}: {each.what}", soft_wrap=True)
        return True
    said = PlainConsole(highlight=False, stderr=True) if as_json else console
    tried = try_attacks(layout, choice, wanted, said)
    problems = [each for each in tried if each.problem]
    if as_json:
        echo(json.dumps(_as_data(choice.assignment, tried), ensure_ascii=False, indent=1))
    else:
        console.print(_table(choice.assignment, tried))
        for found in problems:
            console.print(f"  {found.pair}: {found.problem}", soft_wrap=True)
        if not problems:
            console.print("\nNo attack pays.")
    return not problems


def try_attacks(layout: Layout, choice: Choice, wanted: Sequence[Attack], console: Console) -> list[Tried]:
    """Grade an assignment's wrong answers without and with attacks."""
    every = read_exercises(layout, layout.require(choice.assignment))
    exercises = chosen(every, choice.exercises)
    labelled = _labelled(layout, choice, list(every))
    answers = {name: labelled.get(name) or made_answers(choice.assignment, each) for name, each in exercises.items()}
    if made := [name for name in exercises if name not in labelled]:
        console.print(f"No labelled wrong answer, so some are made of the solution: {', '.join(made)}", soft_wrap=True)
    wrong = [one for each in answers.values() for one in each]
    deadlines = read_settings(layout.root).deadlines
    grader = AnswerGrader(deadlines, choice.jobs or default_slots(), partial(progress_bar, console))
    own = read_profile(layout.root).packages.own
    return grade_pairs(pairs_of(wrong, wanted, choice.sample, choice.seed), exercises, own, grader)


def _labelled(layout: Layout, choice: Choice, exercises: Sequence[str]) -> dict[str, list[Answer]]:
    """Return the labelled wrong answers by exercise; none where the course has no collection of its own."""
    if choice.answers is None and not (layout.answers / choice.assignment).is_dir():
        return {}
    found: dict[str, list[Answer]] = {}
    for one in read_answers(choice.answers or layout.answers, choice.assignment, exercises):
        if not one.right:
            found.setdefault(one.exercise, []).append(one)
    return found


def _attacks(names: Sequence[str]) -> list[Attack]:
    known = {each.name: each for each in attacks()}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "`--list` lists them."
            raise QualityError(f"There is no attack {name!r}. {hint}")
    return [each for name, each in known.items() if not names or name in names]


def _table(assignment: str, tried: Sequence[Tried]) -> Table:
    table = Table(title=f"{assignment}: wrong answers with and without an attack", title_justify="left")
    table.add_column("attack")
    for heading in ("pairs", "earn less", "pay or fail"):
        table.add_column(heading, justify="right")
    for name in dict.fromkeys(each.pair.attack.name for each in tried):
        own = [each for each in tried if each.pair.attack.name == name]
        less, paid = sum(each.gain < 0 for each in own), sum(bool(each.problem) for each in own)
        table.add_row(name, str(len(own)), str(less or ""), str(paid or ""))
    return table


def _as_data(assignment: str, tried: Sequence[Tried]) -> dict[str, object]:
    return {
        "assignment": assignment,
        "pairs": [
            {
                "answer": str(each.pair.answer),
                "attack": each.pair.attack.name,
                "gain": round(each.gain, 2),
                "turned": each.turned,
                "problem": each.problem,
            }
            for each in tried
        ],
    }
