"""Answers that are alike, and how much that says.

Answers are compared by their form: comments, docstrings, texts and the names that a student chose are left out, and so
is what the release gave. Being alike proves nothing, least of all in a short exercise with one natural solution; so
each likeness is weighed by how long the answer is and how few of the class have one like it. RapidFuzz compares all
pairs.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from closed_doors.pages.analysis.answer_form import code_form, text_form

ALIKE = 0.85  # below, two answers are not called alike
SHORTEST = 25  # parts of an answer's form; a shorter one says nothing
LONG = 100  # from here on, more length adds no weight
RARE = 0.05  # of the class, or RARE_STUDENTS: an answer that more have is everybody's
RARE_STUDENTS = 4
MOST_FORMS = 4000  # different forms compared with each other in one exercise: a matrix of 64 MB
MOST_PAIRS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What one student wrote in one answer cell.

    Attributes:
        place: notebook and grade_id.
        kind: code or markdown.
        source: the text.
        starter: what the release had there.
    """

    student: str
    place: tuple[str, str]
    kind: str
    source: str
    starter: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two answers that are alike.

    Attributes:
        ratio: how much of the longer form is in the shorter, in order, from 0 to 1.
        length: parts of the shorter form.
        shared_by: students of whom an answer as near to one of the two is known, these two included.
        among: students who answered.
        verbatim: whether the two are the same character by character, comments and names included.
    """

    place: tuple[str, str]
    ratio: float
    length: int
    shared_by: int
    among: int
    verbatim: bool

    @property
    def weight(self) -> float:
        """How much there is to look at: bits by which the form is rare, less where it is short or only near."""
        rarity = math.log2(self.among / self.shared_by)
        nearness = (self.ratio - ALIKE) / (1 - ALIKE)
        return rarity * min(1.0, self.length / LONG) * (0.25 + 0.75 * nearness)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two students with answers that are alike and rare, the heaviest first."""

    students: tuple[str, str]
    likenesses: tuple[Likeness, ...]

    @property
    def weight(self) -> float:
        """The sum over their answers."""
        return sum(likeness.weight for likeness in self.likenesses)


@dataclass(frozen=True, slots=True)
class Common:
    """The form of answer that most of the class share in one exercise.

    Attributes:
        count: students who wrote it, up to names and comments.
        among: students who answered.
    """

    place: tuple[str, str]
    count: int
    among: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a class gave.

    Attributes:
        pairs: the heaviest first, at most MOST_PAIRS.
        common: the most frequent form of each exercise.
        left_out: exercises with too many different answers to compare all pairs.
    """

    pairs: tuple[Pair, ...]
    common: tuple[Common, ...]
    left_out: tuple[tuple[str, str], ...]


def compare(answers: Iterable[Answer]) -> Comparison:
    """Compare a class's answers, each exercise by itself."""
    by_place: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        by_place[answer.place].append(answer)
    found: dict[tuple[str, str], list[Likeness]] = defaultdict(list)
    common, left_out = [], []
    for place, theirs in by_place.items():
        exercise = _Exercise(place, theirs)
        common += exercise.common()
        if len(exercise.forms) > MOST_FORMS:
            left_out.append(place)
            continue
        for pair, likeness in exercise.likenesses():
            found[pair].append(likeness)
    pairs = [
        Pair(students, tuple(sorted(likenesses, key=lambda likeness: -likeness.weight)))
        for students, likenesses in found.items()
    ]
    pairs.sort(key=lambda pair: (-pair.weight, pair.students))
    return Comparison(tuple(pairs[:MOST_PAIRS]), tuple(common), tuple(left_out))


def like_groups(answers: Iterable[Answer]) -> list[list[str]]:
    """Return the students whose answers to one exercise are alike, the largest group first, each student in one.

    Each answer is like the first of its group, so that a chain of near ones makes no group of strangers. Nothing
    written is a group too.
    """
    gathered: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for answer in answers:
        make = code_form if answer.kind == "code" else text_form
        gathered[make(answer.source, answer.starter)].append(answer.student)
    nothing = gathered.pop((), [])
    forms = sorted(gathered, key=lambda form: (-len(gathered[form]), -len(form)))
    near = _ratios(forms) >= ALIKE if 0 < len(forms) <= MOST_FORMS else np.eye(len(forms), dtype=bool)
    free = np.ones(len(forms), dtype=bool)
    groups = [nothing]
    for number in range(len(forms)):
        if free[number]:
            mine = np.nonzero(near[number] & free)[0]
            free[mine] = False
            groups.append([student for other in mine.tolist() for student in gathered[forms[other]]])
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


class _Exercise:
    """One exercise: the class's answers, gathered by their form."""

    def __init__(self, place: tuple[str, str], answers: Sequence[Answer]) -> None:
        self.place = place
        gathered: dict[tuple[str, ...], list[Answer]] = defaultdict(list)
        for answer in answers:
            make = code_form if answer.kind == "code" else text_form
            if form := make(answer.source, answer.starter):
                gathered[form].append(answer)
        self.forms = list(gathered)
        self._answers = list(gathered.values())
        self._counts = np.array([len(theirs) for theirs in self._answers], dtype=int)
        self.among = int(self._counts.sum())

    def common(self) -> list[Common]:
        """Return the most frequent form, if more than one student wrote it."""
        if not len(self._counts) or self._counts.max() < 2:
            return []
        return [Common(self.place, int(self._counts.max()), self.among)]

    def likenesses(self) -> Iterable[tuple[tuple[str, str], Likeness]]:
        """Yield each pair of students whose answers are alike, long enough and rare."""
        kept = [number for number, form in enumerate(self.forms) if len(form) >= SHORTEST]
        if self.among < 2 or not kept:
            return
        ratios = _ratios([self.forms[number] for number in kept])
        counts = self._counts[kept]
        limit = max(RARE_STUDENTS, int(RARE * self.among))
        rows, columns = np.nonzero(np.triu(ratios >= ALIKE))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            ratio = float(ratios[row, column])
            near = (ratios[row] >= ratio) | (ratios[column] >= ratio)
            shared_by = int(counts[near].sum())
            if shared_by > limit or (row == column and counts[row] < 2):
                continue
            length = min(len(self.forms[kept[row]]), len(self.forms[kept[column]]))
            for one, other in self._pairs(kept[row], kept[column]):
                verbatim = one.source.strip() == other.source.strip()
                students = (min(one.student, other.student), max(one.student, other.student))
                yield students, Likeness(self.place, ratio, length, shared_by, self.among, verbatim)

    def _pairs(self, row: int, column: int) -> Iterable[tuple[Answer, Answer]]:
        if row != column:
            return ((one, other) for one in self._answers[row] for other in self._answers[column])
        theirs = self._answers[row]
        return ((one, other) for number, one in enumerate(theirs) for other in theirs[number + 1 :])


def _ratios(forms: Sequence[tuple[str, ...]]) -> npt.NDArray[np.float32]:
    """Return how alike each two forms are, from 0 to 1; what is below ALIKE may be 0."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    letters: dict[str, str] = {}
    texts = [  # each part becomes one character: what RapidFuzz compares fastest
        "".join(letters.setdefault(part, chr(0x10000 + len(letters) % 0xF0000)) for part in form) for form in forms
    ]
    ratios: npt.NDArray[np.float32] = cdist(
        texts, texts, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32, workers=-1
    )
    return ratios
