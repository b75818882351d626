"""The marking desk without its pages: which answers there are, who marks what next, and what is written."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa

from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import DeskFacts, read_profile
from closed_doors.core.wording import Wording, wording
from closed_doors.desk.agreement import kappa
from closed_doors.desk.like_answers import LikeAnswers
from closed_doors.desk.questions import Question, QuestionShelf
from closed_doors.nbgrader import desk_records as records
from closed_doors.nbgrader import marking_store as store
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.marking_store import Given, ItemPoints, Marking
from closed_doors.nbgrader.settings import Settings

BUSY_S = 4  # somebody waits in front of the page


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits at the desk.

    Attributes:
        leads: whether to change a scheme's points and to share the class is theirs.
    """

    name: str
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Pile:
    """The answers to one question.

    Attributes:
        items: of the scheme in force.
        markings: the answers, in the order in which they are read.
        shares: who marks which work; empty where the class is not shared.
        named: whether names may be shown.
    """

    question: Question
    items: tuple[ItemPoints, ...]
    markings: tuple[Marking, ...]
    shares: Mapping[str, str]
    named: bool

    def find(self, answer: str) -> Marking | None:
        """Return one answer."""
        return next((marking for marking in self.markings if marking.answer == answer), None)

    def number(self, answer: str) -> int:
        """Return which one an answer is, from 1."""
        return next((n for n, marking in enumerate(self.markings, start=1) if marking.answer == answer), 0)

    def share_of(self, person: Person) -> tuple[Marking, ...]:
        """Return the answers that a person marks: all where nothing is shared with this person."""
        if person.name not in self.shares.values():
            return self.markings
        return tuple(marking for marking in self.markings if self.shares.get(marking.work) == person.name)

    def to_mark(self, person: Person, after: str = "") -> Marking | None:
        """Return the next answer of a person's share to mark after another one; those left for later come last."""
        start = self.number(after)
        rest = [*self.markings[start:], *self.markings[:start]]
        mine = {marking.answer for marking in self.share_of(person)}
        waiting = [one for one in rest if one.pending and one.answer in mine and one.answer != after]
        fresh = [one for one in waiting if one.skipped is None]
        later = sorted((one for one in waiting if one.skipped), key=lambda one: str(one.skipped))
        return next(iter([*fresh, *later]), None)

    def beside(self, answer: str, step: int) -> Marking | None:
        """Return the answer so many places further on; None beyond the ends."""
        place = self.number(answer) - 1 + step
        return self.markings[place] if 0 <= place < len(self.markings) else None

    def flagged(self, after: str) -> Marking | None:
        """Return the next answer that somebody flagged."""
        start = self.number(after)
        rest = [*self.markings[start:], *self.markings[:start]]
        return next((one for one in rest if one.given.flagged and one.answer != after), None)

    @property
    def pending(self) -> int:
        """How many answers a person has still to mark."""
        return sum(marking.pending for marking in self.markings)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two readers of the same answers agree.

    Attributes:
        asked: answers of the sample that are marked.
        read: of these, those that were read a second time.
        kappa: see `closed_doors.desk.agreement`.
        apart: answers on which the two do not agree, with the second reading.
    """

    asked: int
    read: int
    kappa: float | None
    apart: tuple[tuple[Marking, records.SecondReading], ...]


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question in the list of all.

    Attributes:
        count: answers.
        pending: to be marked.
        mine: to be marked by this person.
        flagged: answers with a flag.
    """

    question: Question
    count: int
    pending: int
    mine: int
    flagged: int


class MarkingDesk:
    """One course's desk.

    Args:
        settings: the course.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.words: Wording = wording(settings.language)
        self.likes = LikeAnswers(settings)
        self._layout = Layout(settings.root)
        self._shelf = QuestionShelf(settings)
        self._database = Database(settings.db_url, BUSY_S)
        self._prepared = False

    def facts(self) -> DeskFacts:
        """Return what course.toml says of the desk now."""
        return read_profile(self.settings.root).desk

    def person(self, name: str) -> Person | None:
        """Return who may sit at the desk under a login; None where others are named and this one is not."""
        people = {each.name: each for each in self.facts().people}
        if not people:
            return Person(name)
        return Person(name, people[name].role == "instructor") if name in people else None

    @contextmanager
    def gradebook(self) -> Iterator[sa.Connection]:
        """Yield the gradebook in a transaction.

        Raises:
            CourseError: it can't be used.
        """
        with self._database.transaction() as db:
            if not self._prepared:
                store.prepare(db)
                self._prepared = True
            yield db

    def knows(self, assignment: str) -> bool:
        """Whether there is an assignment of that name."""
        return assignment in self._layout.assignments()

    def keeps_names(self) -> bool:
        """Whether the class as a whole may not be named: some written answer is still to be marked."""
        if not self.facts().anonymous:
            return False
        with self.gradebook() as db:
            return any(self._any_pending(db, assignment) for assignment in self._layout.assignments())

    def question(self, assignment: str, notebook: str, cell: str) -> Question | None:
        """Return a question; None where there is none of that name."""
        if not self.knows(assignment):
            return None
        return self._shelf.one(assignment, notebook, cell)

    def lines(self, person: Person) -> list[QuestionLine]:
        """Return every question that has answers: those for a person to mark, and others where one waits."""
        found = []
        with self.gradebook() as db:
            for assignment in self._layout.assignments():
                for question in self.questions(assignment):
                    pile = self._pile(db, question)
                    if not pile.markings or not (question.by_person or pile.pending):
                        continue
                    mine = sum(one.pending for one in pile.share_of(person))
                    flagged = sum(one.given.flagged for one in pile.markings)
                    found.append(QuestionLine(question, len(pile.markings), pile.pending, mine, flagged))
        return found

    def pile(self, question: Question) -> Pile:
        """Return the answers to a question."""
        with self.gradebook() as db:
            return self._pile(db, question)

    def save(
        self, question: Question, given: Mapping[str, tuple[str, Given]], person: Person, visit: str = ""
    ) -> tuple[list[Marking], list[Marking]]:
        """Write what is given to answers; see `marking_store.save`."""
        with self.gradebook() as db:
            items = self._items(db, question)
            if any(one.met for _, one in given.values()) and not store.items_in(db, question.place):
                store.set_items(db, question.place, items)
            return store.save(db, question.place, items, given, person.name, visit)

    def items(self, question: Question) -> tuple[ItemPoints, ...]:
        """Return the items of a question's scheme that are in force."""
        with self.gradebook() as db:
            return self._items(db, question)

    def skip(self, question: Question, answer: str, person: Person) -> None:
        """Leave an answer for later."""
        with self.gradebook() as db:
            store.skip(db, question.place, answer, person.name)

    def undo(self, question: Question, person: Person) -> list[Marking]:
        """Take back what a person did last; see `marking_store.undo`."""
        with self.gradebook() as db:
            return store.undo(db, question.place, self._items(db, question), person.name)

    def change_items(self, question: Question, points: Mapping[str, float], person: Person, dry: bool) -> store.Remark:
        """Give items other points and mark all answers anew.

        Args:
            question: which question.
            points: of items, by key; what is not named takes the master's.
            person: who.
            dry: only say what would change.
        """
        items = tuple(
            ItemPoints(item.key, item.label, points.get(item.key, item.points)) for item in question.scheme.items
        )
        with self.gradebook() as db:
            before = self._items(db, question)
            return store.remark(db, question.place, before, items, person.name, dry)

    def second_pile(self, pile: Pile, person: Person) -> list[Marking]:
        """Return the answers of the sample that this person may read a second time and nobody has yet."""
        with self.gradebook() as db:
            done = records.second_readings_in(db, pile.question.place, (one.answer for one in pile.markings))
        return [one for one in self._sample(pile) if one.answer not in done and one.marker != person.name]

    def agreement(self, pile: Pile) -> Agreement:
        """Return how the two readings of the sample agree."""
        with self.gradebook() as db:
            done = records.second_readings_in(db, pile.question.place, (one.answer for one in pile.markings))
        both = [(one, done[one.answer]) for one in pile.markings if one.answer in done and one.score is not None]
        apart = tuple((one, other) for one, other in both if abs((one.score or 0.0) - other.points) > store.CLOSE)
        agreed = kappa([one.score for one, _ in both], [other.points for _, other in both])
        return Agreement(len(self._sample(pile)), len(both), agreed, apart)

    def read_second(self, question: Question, answer: str, given: Given, person: Person) -> None:
        """Keep a second reading.

        Raises:
            AboveMaximumError: the mark is too high.
        """
        with self.gradebook() as db:
            points = replace(given, marked=True).points(self._items(db, question)) or 0.0
            if points > question.maximum + store.CLOSE:
                raise store.AboveMaximumError(points, question.maximum)
            records.read_second(db, question.place, records.SecondReading(answer, person.name, given.met, points))

    def progress(self, assignment: str) -> dict[str, tuple[int, int]]:
        """Return how many answers of each share are marked, and how many there are, by marker."""
        found: dict[str, tuple[int, int]] = {}
        with self.gradebook() as db:
            for question in self.questions(assignment):
                pile = self._pile(db, question)
                for marking in pile.markings if question.by_person else ():
                    if marker := pile.shares.get(marking.work):
                        done, count = found.get(marker, (0, 0))
                        found[marker] = done + (not marking.pending), count + 1
        return found

    def questions(self, assignment: str) -> Sequence[Question]:
        """Return an assignment's questions; one master that can't be read hides no other assignment."""
        try:
            return self._shelf.of(assignment)
        except CourseError:
            return ()

    def _items(self, db: sa.Connection, question: Question) -> tuple[ItemPoints, ...]:
        stored = store.items_in(db, question.place)
        return tuple(stored) or master_items(question)

    def _pile(self, db: sa.Connection, question: Question) -> Pile:
        items = self._items(db, question)
        markings = store.markings_in(db, question.place, items)
        shares = records.shares_in(db, question.place.assignment)
        named = not self.facts().anonymous or not self._any_pending(db, question.place.assignment)
        key = _by_name if named else _by_chance
        return Pile(question, items, tuple(sorted(markings, key=key)), shares, named)

    def _any_pending(self, db: sa.Connection, assignment: str) -> bool:
        written = [question.place for question in self.questions(assignment) if question.by_person]
        return store.count_pending(db, written) > 0

    def _sample(self, pile: Pile) -> list[Marking]:
        """Return the answers of the sample: marked here by a person, chosen by chance and always the same."""
        share = self.facts().second_readings
        return [one for one in pile.markings if one.marker and not one.pending and _chance(pile, one) < share]


def master_items(question: Question) -> tuple[ItemPoints, ...]:
    """Return a scheme's items as the master has them."""
    return tuple(ItemPoints(item.key, item.label, item.points) for item in question.scheme.items)


def _chance(pile: Pile, marking: Marking) -> float:
    named = f"{marking.answer} {pile.question.place.cell}"
    return int(hashlib.sha256(named.encode()).hexdigest()[:8], 16) / 2**32


def _by_name(marking: Marking) -> tuple[str, str]:
    first, last = marking.name
    return f"{last} {first}".strip().casefold() or marking.student.casefold(), marking.student


def _by_chance(marking: Marking) -> tuple[str, str]:
    return hashlib.sha256(marking.answer.encode()).hexdigest(), ""
