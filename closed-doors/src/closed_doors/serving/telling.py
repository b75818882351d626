"""Lets students read what was found, as the course's policy allows, where they look for it.

Pages go to the exchange under each hand-in's own secret, as `nbgrader release_feedback` puts them: the Assignment List
and `nbgrader fetch_feedback` find them. Whatever is done here can be done again.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from closed_doors.core.errors import CourseError
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
MORE = {Told.NOTHING: 0, Told.VISIBLE: 1, Told.WHOLE: 2}


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

    def tell(self, job: str | None = None) -> list[HandIn]:
        """Hand out all that may be read by now and is not.

        Args:
            job: of this one only.

        Returns:
            The hand-ins of which more can be read than before.

        Raises:
            CourseError: a page can't be made or put where it belongs; what was done before stays.
        """
        done: list[HandIn] = []
        waiting = sorted(self._queue.untold(job), key=lambda hand_in: hand_in.job.id)
        for _, group in groupby(waiting, key=lambda hand_in: hand_in.job.id):
            done += self._tell(list(group))
        return done

    def _tell(self, hand_ins: Sequence[HandIn]) -> list[HandIn]:
        job = hand_ins[0].job
        marks = read_final_marks(self._settings, job.assignment, job.student).get(job.student)
        if marks is None:
            return []
        pending = any(book.pending for book in marks.notebooks.values())
        allowed = may_be_told(self._policy, utc_now(), marks.deadline, pending)
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
        with only_one(self._settings.root / LOCK, "", waiting=lambda _: None):
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
