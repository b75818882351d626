"""Lets students read what was found, as the course's policy allows, where they look for it.

Pages go to the exchange under each hand-in's own secret, as `nbgrader release_feedback` puts them: the Assignment List
and `nbgrader fetch_feedback` find them. Whatever is done here can be done again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from closed_doors.core.errors import CourseError, GradebookError
from closed_doors.core.locks import only_one
from closed_doors.core.profile import Serve
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.gradebook_reader import StudentMarks
from closed_doors.nbgrader.hand_in_queue import HandIn, HandInQueue, Job, Told, utc_now
from closed_doors.nbgrader.settings import Settings
from closed_doors.pages.feedback.class_pages import LOCK, ClassFeedback
from closed_doors.pages.feedback.try_page import visible_page
from closed_doors.serving.hand_in_store import HandInStore
from closed_doors.serving.live_policy import may_be_told

Publish = Callable[[str, Mapping[str, bytes]], None]
STRETCH = 500  # hand-ins that are looked at in a round
ROUND_S = 1.0  # for so long pages are made in a round: nobody who hands in waits longer for the server to look
MORE = {Told.NOTHING: 0, Told.VISIBLE: 1, Told.WHOLE: 2}


@dataclass(slots=True)
class Round:
    """What one round of telling did.

    Attributes:
        told: the hand-ins of which more can be read than before.
        failed: why a page can't be made or put where it belongs; None where all can.
    """

    told: list[HandIn] = field(default_factory=list)
    failed: CourseError | OSError | None = None


class Teller:
    """Hands out the pages of one course.

    Args:
        settings: the course.
        store: where pages are kept.
        queue: what knows who has been told what.
        policy: the course's.
        publish: puts pages where students look, by a hand-in's secret; None where there is no exchange.
    """

    def __init__(
        self, settings: Settings, store: HandInStore, queue: HandInQueue, policy: Serve, publish: Publish | None
    ) -> None:
        self._settings = settings
        self._store = store
        self._queue = queue
        self._policy = policy
        self._publish = publish
        self._looked: dict[Told, str] = {}  # how far the rounds have come

    def tell(self, job: str) -> list[HandIn]:
        """Hand out what may be read of one job by now and is not.

        Returns:
            The hand-ins of which more can be read than before.

        Raises:
            CourseError: a page can't be made or put where it belongs; what was done before stays.
        """
        hand_ins = self._queue.untold(job)
        return self._tell(hand_ins) if hand_ins else []

    def tell_next(self) -> Round:
        """Look at some of the graded work of which more may be read by now, and hand it out; the next call goes on.

        So a round costs the same however large the class is. One page that can't be made holds nobody else's up.

        Raises:
            GradebookError: the database can't be used.
        """
        found, until = Round(), time.monotonic() + ROUND_S
        for told in (Told.NOTHING, Told.VISIBLE):
            last = self._looked.get(told, "")
            stretch = self._queue.next_untold(told, last, STRETCH)
            for hand_in in self._due(stretch.hand_ins):
                if time.monotonic() > until:
                    break
                last = hand_in.id
                self._tell_one(hand_in, found)
            else:
                last = stretch.end
            self._looked[told] = last
        return found

    def _tell_one(self, hand_in: HandIn, found: Round) -> None:
        try:
            found.told += self._tell([hand_in])
        except GradebookError:
            raise
        except CourseError as error:
            found.failed = error

    def _due(self, hand_ins: Sequence[HandIn]) -> list[HandIn]:
        """Return those of which more may be read than is told, in their order."""
        by_assignment: dict[str, set[str]] = {}
        for each in hand_ins:
            by_assignment.setdefault(each.job.assignment, set()).add(each.job.student)
        marks = {name: read_final_marks(self._settings, name, students) for name, students in by_assignment.items()}
        known = ((each, marks[each.job.assignment].get(each.job.student)) for each in hand_ins)
        return [each for each, found in known if found is not None and MORE[each.told] < MORE[self._allowed(found)]]

    def _allowed(self, marks: StudentMarks) -> Told:
        pending = any(book.pending for book in marks.notebooks.values())
        return may_be_told(self._policy, utc_now(), marks.deadline, pending)

    def _tell(self, hand_ins: Sequence[HandIn]) -> list[HandIn]:
        job = hand_ins[0].job
        marks = read_final_marks(self._settings, job.assignment, (job.student,)).get(job.student)
        if marks is None:
            return []
        allowed = self._allowed(marks)
        if job.counts and self._queue.came_after(job):
            self._queue.note_told(hand_ins, Told.ENDED)
            return []
        fresh = [hand_in for hand_in in hand_ins if MORE[hand_in.told] < MORE[allowed]]
        if not fresh:
            return []
        pages = self._pages(job, marks, allowed)
        try:
            self._store.keep_pages(job, pages, allowed)
            for hand_in in fresh:
                if self._publish is not None and hand_in.secret:
                    self._publish(hand_in.secret, pages)
        except OSError as error:
            raise CourseError(f"A page can't be written: {error.strerror} ({error.filename}).") from error
        self._queue.note_told(fresh, allowed)
        if allowed is Told.WHOLE:
            self._store.drop_work(job)
        return fresh

    def _pages(self, job: Job, marks: StudentMarks, allowed: Told) -> dict[str, bytes]:
        if not job.counts:
            return self._store.pages(job, allowed)
        if allowed is Told.VISIBLE:
            return dict(self._visible(job, marks))
        everybodys = only_one(self._settings.root / LOCK, "", waiting=lambda _: None, shared=True)
        with everybodys, self._store.alone_with(job.student):
            made = ClassFeedback(self._settings, job.assignment, (job.student,)).make()
        if made.left_out:
            raise CourseError(f"A page can't be made: {made.left_out[0][1]}")
        folder = self._settings.folder("feedback", job.student, job.assignment)
        return {name: (folder / f"{name}.html").read_bytes() for name in marks.notebooks}

    def _visible(self, job: Job, marks: StudentMarks) -> list[tuple[str, bytes]]:
        folder, made = self._settings.folder("autograded", job.student, job.assignment), []
        for name in marks.notebooks:
            path = folder / f"{name}.ipynb"
            verdict = read_verdict(self._settings.root, job.assignment, job.student, name)
            if verdict is not None:
                autograded = path.read_bytes() if path.is_file() else None
                made.append((name, visible_page(verdict, autograded, marks, self._settings.language)))
        return made
