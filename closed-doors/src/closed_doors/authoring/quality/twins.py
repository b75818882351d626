"""Pairs of submissions: a labelled wrong answer as it is, and with an attack below it. No twin may earn more."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from closed_doors.authoring.quality.attacks import Attack
from closed_doors.authoring.quality.grade_answers import AnswerGrader, Result, Task
from closed_doors.authoring.quality.grade_one_answer import Exercise
from closed_doors.authoring.quality.labelled_answers import Answer

LEAST = 0.005  # points; below is rounding


@dataclass(frozen=True, slots=True)
class Pair:
    """A wrong answer, and the attack that its twin adds."""

    answer: Answer
    attack: Attack

    def __str__(self) -> str:
        return f"{self.answer} + {self.attack.name}"


@dataclass(frozen=True, slots=True)
class Tried:
    """A pair, graded.

    Attributes:
        plain: what became of the answer as it is.
        twin: what became of it with the attack.
    """

    pair: Pair
    plain: Result
    twin: Result

    @property
    def gain(self) -> float:
        """How many points the attack was paid."""
        return _earned(self.twin) - _earned(self.plain)

    @property
    def turned(self) -> tuple[str, ...]:
        """The criteria that are met with the attack and missed without it."""
        names = (
            [criterion.name for criterion in self.twin.report.criteria if criterion.passed] if self.twin.report else []
        )
        return self.plain.missed(names)

    @property
    def problem(self) -> str:
        """What is wrong; empty where nothing is."""
        if self.plain.failure:
            return f"without the attack it could not be graded: {self.plain.failure}"
        if self.twin.failure:
            return f"the attack made grading itself fail: {self.twin.failure}"
        if self.gain <= LEAST and not self._meets_a_bonus:
            return ""
        points = f"{_earned(self.plain):g} points without the attack, {_earned(self.twin):g} with it"
        return f"{points}: {', '.join(self.turned)}"

    @property
    def _meets_a_bonus(self) -> bool:
        """Whether it meets more criteria of an exercise that gives no points."""
        points = self.twin.report.points if self.twin.report else 0.0
        return not points and _weight(self.twin) > _weight(self.plain)


def pairs_of(
    answers: Sequence[Answer], attacks: Sequence[Attack], sample: int | None = None, seed: int = 0
) -> list[Pair]:
    """Return pairs, those of one exercise together.

    Args:
        answers: wrong ones.
        attacks: each is added to each answer.
        sample: how many pairs; all by default. Each attack and each exercise comes about as often as any other.
        seed: which ones.
    """
    every = [Pair(answer, attack) for answer in answers for attack in attacks]
    if sample is None or sample >= len(every):
        return every
    random.Random(seed).shuffle(every)  # noqa: S311
    seen: Counter[str] = Counter()
    chosen: list[Pair] = []
    for _ in range(sample):
        pair = min(every, key=lambda one: seen[one.attack.name] + seen[one.answer.exercise])
        every.remove(pair)
        chosen.append(pair)
        seen.update((pair.attack.name, pair.answer.exercise))
    order = {answer.exercise: place for place, answer in enumerate(answers)}
    return sorted(chosen, key=lambda pair: order[pair.answer.exercise])


def grade_pairs(
    pairs: Sequence[Pair], exercises: Mapping[str, Exercise], own_packages: Sequence[str], grader: AnswerGrader
) -> list[Tried]:
    """Grade pairs; one that seems to pay, or fails, is graded once more, alone: a busy machine is no attack.

    Args:
        pairs: those of one exercise stand together.
        exercises: by name.
        own_packages: packages of the course itself.
        grader: grades them.
    """
    tried = _graded("Grading", pairs, exercises, own_packages, grader)
    doubtful = [number for number, each in enumerate(tried) if each.problem]
    again = _graded("Again, one at a time", [pairs[n] for n in doubtful], exercises, own_packages, grader.alone)
    for number, each in zip(doubtful, again, strict=True):
        tried[number] = each
    return tried


def _graded(
    what: str,
    pairs: Sequence[Pair],
    exercises: Mapping[str, Exercise],
    own_packages: Sequence[str],
    grader: AnswerGrader,
) -> list[Tried]:
    tasks: dict[Answer | Pair, Task] = {}
    for pair in pairs:
        answer, exercise = pair.answer, exercises[pair.answer.exercise]
        tasks.setdefault(answer, Task(exercise, answer.source, patient=True))
        tasks[pair] = Task(exercise, pair.attack.added_to(answer.source, exercise, own_packages))
    results = dict(zip(tasks, grader.grade(what, list(tasks.values())), strict=True)) if tasks else {}
    return [Tried(pair, results[pair.answer], results[pair]) for pair in pairs]


def _earned(result: Result) -> float:
    return result.report.earned if result.report else 0.0


def _weight(result: Result) -> float:
    return sum(c.weight for c in result.report.criteria if c.passed) if result.report else 0.0
