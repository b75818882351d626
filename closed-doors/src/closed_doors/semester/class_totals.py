"""Everybody's marks over all assignments, and what they make together.

Marks are those of `final_marks`, penalties and extensions included. An assignment counts by its share, points over
maximum, times its weight; of a group the lowest shares may be left out. What has no mark for a reason that is not the
student's (not graded yet, time left to hand in) does not count: the total is provisional then. Work that was due and is
not there counts as nothing, and is not said to be a zero.

All is computed in fractions: a third stays a third until it is written.
"""

import math
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction

from closed_doors.core.errors import ProfileError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import PROFILE_NAME, Group, Profile, read_profile
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.gradebook_reader import StudentMarks, deadline, read_enrolment
from closed_doors.nbgrader.gradebook_students import Person, read_extensions
from closed_doors.nbgrader.settings import Settings
from closed_doors.semester.class_list import read_class

USUAL_SCALE = 20
_FINEST = 10**6  # of points: nobody gives finer ones, and what floats add to them is gone


class State(Enum):
    """What a student's mark for an assignment is."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    UNGRADED = "ungraded"
    ABSENT = "absent"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Result:
    """One student's mark for one assignment.

    Attributes:
        points: None where there are none to speak of.
        maximum: what the assignment is worth.
        counts: whether it is part of the total; the worst of a group may not be.
    """

    state: State
    points: Fraction | None
    maximum: Fraction
    counts: bool = False

    @property
    def share(self) -> Fraction:
        """The part of the points that was earned."""
        return (self.points or Fraction()) / self.maximum

    @property
    def is_settled(self) -> bool:
        """Whether it can count; what is absent does, with nothing."""
        return self.state not in (State.UNGRADED, State.OPEN) and self.maximum > 0


@dataclass(frozen=True, slots=True)
class StudentTotal:
    """One student over all assignments.

    Attributes:
        total: out of the class's scale; None where nothing counts yet.
        provisional: whether something may still move it, besides a change of mind.
    """

    student: str
    first: str
    last: str
    results: Mapping[str, Result]
    total: Fraction | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class ClassTotals:
    """A class over all assignments.

    Attributes:
        assignments: by name, in alphabetical order, with the maximum of each; 0 where nobody has a mark.
        scale: what totals are out of.
        students: everybody, sorted.
    """

    assignments: Mapping[str, Fraction]
    scale: Fraction
    students: tuple[StudentTotal, ...]


@dataclass(frozen=True, slots=True)
class _Played:
    """What is known of one assignment: everybody's marks, who handed in, and until when one may."""

    marks: Mapping[str, StudentMarks]
    handed_in: Collection[str]
    due: datetime | None
    maximum: Fraction
    extensions: Mapping[str, datetime] = field(default_factory=dict)


def read_totals(settings: Settings, now: datetime | None = None) -> ClassTotals:
    """Return everybody's marks and totals.

    Args:
        settings: the course.
        now: in UTC without a zone; who may still hand in then is not absent.

    Raises:
        CourseError: the gradebook, received.csv or course.toml can't be used.
    """
    now = now or datetime.now(UTC).replace(tzinfo=None)
    profile = read_profile(settings.root)
    names = Layout(settings.root).assignments()
    groups = _groups(profile, names)
    played = {name: _played(settings, name) for name in names}
    scale = _exact(profile.total.scale or profile.scale or USUAL_SCALE)
    students = tuple(
        _of_student(person, played, groups, profile, scale, now)
        for person in sorted(read_class(settings).values(), key=by_name)
    )
    return ClassTotals({name: one.maximum for name, one in played.items()}, scale, students)


def by_name(person: Person) -> tuple[str, ...]:
    """Return what people are sorted by: last name, first name, id, without accents and cases."""
    student, first, last, _ = person
    return (*(_plain(text) for text in (last or student, first, student)), student)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in bare if not unicodedata.combining(sign)).casefold()


def _groups(profile: Profile, names: Sequence[str]) -> list[Group]:
    """Return the groups of the total; an assignment of none is one by itself, with its own weight.

    Raises:
        ProfileError: a group names an assignment that there is not.
    """
    groups = list(profile.total.groups)
    grouped = {name for group in groups for name in group.assignments}
    if unknown := sorted(grouped - set(names)):
        raise ProfileError(
            f"{PROFILE_NAME}, key total.groups: expected assignments of the course ({', '.join(names)}), got "
            f"{', '.join(unknown)}."
        )
    return groups + [Group(name, (name,), _weight(profile, name)) for name in names if name not in grouped]


def _weight(profile: Profile, name: str) -> float:
    facts = profile.assignments.get(name)
    return facts.weight if facts else 1


def _played(settings: Settings, name: str) -> _Played:
    marks = read_final_marks(settings, name)
    extensions = {who: until for (other, who), until in read_extensions(settings.db_url).items() if other == name}
    return _Played(
        marks,
        {student for student, _ in settings.students(name)},
        read_enrolment(settings.db_url, name).due,
        max((_exact(one.maximum) for one in marks.values()), default=Fraction()),
        extensions,
    )


def _of_student(
    person: Person,
    played: Mapping[str, _Played],
    groups: Iterable[Group],
    profile: Profile,
    scale: Fraction,
    now: datetime,
) -> StudentTotal:
    student, first, last, _ = person
    results = {name: _result(student, one, now) for name, one in played.items()}
    parts: list[tuple[Fraction, Fraction]] = []  # weight, share
    waiting = False
    for group in groups:
        weights = {name: _exact(_weight(profile, name)) for name in group.assignments}
        kept = _kept(group, results, weights)
        waiting |= group.weight > 0 and any(_may_move(results[name]) and weights[name] for name in group.assignments)
        if not kept or not group.weight:
            continue
        for name in kept:
            results[name] = Result(results[name].state, results[name].points, results[name].maximum, counts=True)
        whole = sum((weights[name] for name in kept), Fraction())
        share = sum((weights[name] * results[name].share for name in kept), Fraction()) / whole
        parts.append((_exact(group.weight), share))
    total = None
    if parts:
        total = scale * sum((w * share for w, share in parts), Fraction()) / sum((w for w, _ in parts), Fraction())
        total = rounded(total, profile.total.step)
    return StudentTotal(student, first, last, results, total, waiting)


def _kept(group: Group, results: Mapping[str, Result], weights: Mapping[str, Fraction]) -> list[str]:
    """Return which assignments of a group count: the lowest shares go first, of equal ones the heaviest."""
    settled = [name for name in group.assignments if results[name].is_settled and weights[name]]
    most = group.best if group.best is not None else len(group.assignments) - group.drop
    best = sorted(settled, key=lambda name: (results[name].share, -weights[name]), reverse=True)[:most]
    return [name for name in settled if name in best]


def _may_move(result: Result) -> bool:
    return result.state in (State.PROVISIONAL, State.UNGRADED, State.OPEN)


def _result(student: str, played: _Played, now: datetime) -> Result:
    marks = played.marks.get(student)
    if marks is not None and _is_graded(marks):
        pending = any(book.pending for book in marks.notebooks.values())
        return Result(State.PROVISIONAL if pending else State.FINAL, _exact(marks.score), played.maximum)
    if marks is not None or student in played.handed_in:
        return Result(State.UNGRADED, None, played.maximum)
    until = deadline(played.due, None, played.extensions.get(student))
    is_over = bool(played.marks) if until is None else until < now
    state = State.ABSENT if is_over and played.handed_in | played.marks.keys() else State.OPEN
    return Result(state, None, played.maximum)


def _is_graded(marks: StudentMarks) -> bool:
    """Whether anybody or any test has given a point, or none: work that could not be graded is no zero."""
    cells = [cell for book in marks.notebooks.values() for cell in book.cells.values()]
    return any(cell.automatic is not None or cell.manual is not None for cell in cells)


def rounded(value: Fraction, step: float | None) -> Fraction:
    """Return a total to the nearest step, halves up."""
    if step is None:
        return value
    unit = _exact(step)
    return math.floor(value / unit + Fraction(1, 2)) * unit


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(_FINEST)
