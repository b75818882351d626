"""Which answers to a question are alike: found beside the work on the page, which never waits for it."""

import threading
from collections import defaultdict
from collections.abc import Sequence

from closed_doors.desk.questions import Question
from closed_doors.desk.written_answers import answer_text, autograded_path
from closed_doors.nbgrader.marking_store import Marking, Place
from closed_doors.nbgrader.settings import Settings
from closed_doors.pages.analysis.class_results import starters_of
from closed_doors.pages.analysis.similarity import Answer, like_groups

Groups = dict[str, tuple[str, ...]]


class LikeAnswers:
    """Groups of like answers, by question.

    Args:
        settings: the course.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._found: dict[Place, tuple[frozenset[str], Groups]] = {}
        self._running: set[Place] = set()

    def of(self, question: Question, markings: Sequence[Marking]) -> Groups | None:
        """Return the group of each answer, itself included; None where they are still being looked for."""
        known = frozenset(marking.answer for marking in markings)
        with self._lock:
            found = self._found.get(question.place)
            if found is not None and found[0] == known:
                return found[1]
            if question.place in self._running:
                return None
            self._running.add(question.place)
        students = [(marking.answer, marking.student) for marking in markings]
        threading.Thread(target=self._look, args=(question, known, students), daemon=True).start()
        return None

    def forget(self, question: Question) -> None:
        """Look again next time: answers may have changed."""
        with self._lock:
            self._found.pop(question.place, None)

    def _look(self, question: Question, known: frozenset[str], students: Sequence[tuple[str, str]]) -> None:
        groups: Groups = {}
        try:
            groups = self._groups(question, students)
        finally:
            with self._lock:
                self._found[question.place] = (known, groups)
                self._running.discard(question.place)

    def _groups(self, question: Question, students: Sequence[tuple[str, str]]) -> Groups:
        place = (question.place.notebook, question.place.cell)
        given = starters_of(self._settings, question.place.assignment, question.place.notebook)
        starter = "\n".join(given.get(name, "") for name in question.answers)
        answers = []
        for number, student in students:
            found = answer_text(autograded_path(self._settings, question, student), question)
            if found is not None:
                answers.append(Answer(number, place, found[0], found[1], starter))
        groups: Groups = defaultdict(tuple)
        for group in like_groups(answers):
            groups |= dict.fromkeys(group, tuple(group))
        return dict(groups)
