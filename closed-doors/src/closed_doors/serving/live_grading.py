"""Grades one job of the queue, and records it: the files first, then marks and queue in one transaction.

What is read, graded and written is what `course autograde` reads, grades and writes; the functions are the same. A mark
falls only by new work of the student's own, so nothing is held for a person here.
"""

import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC

from closed_doors.classroom.class_plan import ClassPlan, Task
from closed_doors.classroom.course_lock import only_writer, with_other_writers
from closed_doors.classroom.grade_submission import Assignment, GradedSubmission
from closed_doors.classroom.kept_proofs import refusals_of
from closed_doors.classroom.local_pool import Pool
from closed_doors.classroom.mark_preview import expected_marks
from closed_doors.classroom.results_writer import entry, write_files
from closed_doors.core.errors import CourseError, ExecutionError, RefusedMasterError
from closed_doors.core.files import replacement
from closed_doors.grading.verdict.verdict import Status
from closed_doors.nbgrader.arrival import Arrival
from closed_doors.nbgrader.final_marks import Lateness, lateness
from closed_doors.nbgrader.gradebook_reader import StudentMarks
from closed_doors.nbgrader.gradebook_writer import Entry, Gradebook
from closed_doors.nbgrader.hand_in_queue import HandInQueue, Job, Told
from closed_doors.nbgrader.judged_answers import judged_answers
from closed_doors.nbgrader.receipts import Receipts, add_receipt
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.json_files import parse
from closed_doors.pages.feedback.try_page import uncounted_page, visible_page
from closed_doors.serving.hand_in_store import HandInStore

WAITED_S = 2.0  # whoever held the course for longer may have graded under other tests


class TestsMayDifferError(CourseError):
    """Another run held the course while this work waited to be recorded: it is graded again."""


class NotGradedError(CourseError):
    """A work has no mark for a reason that is not the student's."""


@dataclass(frozen=True, slots=True)
class Found:
    """What grading a job gave.

    Attributes:
        assignment: on which it was graded.
        task: what was graded.
        graded: what came back; None where the gradebook has it already.
        found: what the gradebook is to hold.
        marks: what the work earns, lateness included.
        counts: whether it is what counts from now on.
    """

    assignment: Assignment
    task: Task
    graded: GradedSubmission | None
    found: Entry | None
    marks: StudentMarks
    counts: bool


class LiveGrader:
    """Grades and records the jobs of one course.

    Args:
        settings: the course.
        store: where the content lies.
        queue: that the jobs come from.
        best: whether the best of a student's works counts, and not the last.
    """

    def __init__(self, settings: Settings, store: HandInStore, queue: HandInQueue, best: bool) -> None:
        self._settings = settings
        self._store = store
        self._queue = queue
        self._best = best

    def grade(self, job: Job, pool: Pool) -> Found:
        """Grade a job's content.

        Raises:
            NotGradedError: grading failed; trying again may help.
            CourseError: the assignment can't be graded as it is, whoever handed in.
        """
        rules = lateness(self._settings)
        gradebook = Gradebook(self._settings.db_url, job.assignment, rules, (job.student,))
        plan = self._plan(job, gradebook)
        ((student, folder),) = plan.folders
        task = replace(plan.task(student, folder), arrival=Arrival(job.arrived.replace(microsecond=0)))
        known = gradebook.earlier().get(student)
        if known is not None and known.fingerprint == task.fingerprint:
            return Found(plan.assignment, task, None, None, plan.marks[student], counts=True)
        self._require_proof(plan)
        graded = pool.submit(pool.share(plan.assignment), task.submission).result()
        self._require_marks(graded, plan.environment)
        cells = [place for place, shape in plan.shapes.items() if not shape.task]
        judged = judged_answers((name, parse(data)) for name, data in plan.assignment.masters)
        found = entry(task, graded, cells, judged, plan.assignment.language)
        by_arrival = Lateness(Receipts(), rules.rule)  # received.csv has the time of the work before
        marks = by_arrival.applied(job.assignment, expected_marks(plan.marks.get(student), found, plan.shapes))
        before = plan.marks.get(student) if known is not None and known.content is not None else None
        better = before is None or marks.score > rules.applied(job.assignment, before).score
        return Found(plan.assignment, task, graded, found, marks, counts=better or not self._best)

    def record(self, job: Job, found: Found) -> None:
        """Write what was found, and say that the job is done.

        Raises:
            TestsMayDifferError: nothing was entered; the work has to be graded again.
            LeaseLostError: another server has the job by now; nothing was entered.
            CourseError: it can't be written; the job is not done.
        """
        if found.graded is None or found.found is None:
            self._queue.finish(job, counts=True)
            return
        if not found.counts:
            self._keep_uncounted(job, found.graded, found.marks)
            self._queue.finish(job, counts=False)
            return
        asked = time.monotonic()
        with with_other_writers(self._settings):
            if time.monotonic() - asked > WAITED_S:
                raise TestsMayDifferError("Another run held the course while this work waited to be recorded.")
            self._write(job, found, found.graded, found.found)

    def _write(self, job: Job, found: Found, graded: GradedSubmission, entered: Entry) -> None:
        with self._store.alone_with(job.student):
            self._queue.require_lease(job)
            self.put_in_submitted(job)
            write_files(self._settings, found.assignment, graded, found.task.arrival.at)
            gradebook = Gradebook(self._settings.db_url, job.assignment, lateness(self._settings))
            with gradebook.transaction() as db:
                gradebook.write_in(db, [entered])
                self._queue.finish_in(db, job, counts=True)

    def put_in_submitted(self, job: Job) -> None:
        """Let a job's content be what the student has handed in, and note when it came."""
        place = self._store.place(job.id, job.student, job.assignment)
        target = self._settings.folder("submitted", job.student, job.assignment)
        with replacement(target) as fresh:
            shutil.copytree(place, fresh, dirs_exist_ok=True)
        arrived = job.arrived.replace(microsecond=0, tzinfo=UTC)
        with self._store.alone_with_receipts():
            add_receipt(self._settings.root, job.student, job.assignment, arrived)

    def _plan(self, job: Job, gradebook: Gradebook) -> ClassPlan:
        plan = ClassPlan(self._store.settings(job.id), job.assignment, (job.student,), gradebook)
        differences = plan.differences()
        if differences.of_cells and gradebook.has_marks():
            raise CourseError(
                f"source/{job.assignment} has other graded cells than those that work was graded with: "
                f"`course regrade {job.assignment}` brings the gradebook along."
            )
        if differences:
            from closed_doors.nbgrader.api import NbgraderCourse

            with only_writer(self._settings):
                NbgraderCourse(self._settings.root).register(job.assignment)
        return plan

    def _require_proof(self, plan: ClassPlan) -> None:
        """Have each master prove itself, once."""
        for name, _ in plan.assignment.masters:
            found = refusals_of(self._settings.root, plan.assignment, name)
            if any(not refusal.cell or not plan.assignment.grade_the_rest for refusal in found):
                raise RefusedMasterError([f"{name}.ipynb, {refusal.said()}" for refusal in found])

    @staticmethod
    def _require_marks(graded: GradedSubmission, environment: str) -> None:
        failed = [book.verdict for book in graded.notebooks if book.verdict.status is Status.FAILED]
        if failed:
            raise NotGradedError(str(failed[0].reason.arguments.get("error", "")) if failed[0].reason else "")
        if graded.environment != environment:
            raise ExecutionError("A worker runs other versions than this machine; its marks could differ.")

    def _keep_uncounted(self, job: Job, graded: GradedSubmission, marks: StudentMarks) -> None:
        """Keep the pages of a try that does not count: nothing else of it will be there."""
        for told, page in ((Told.VISIBLE, visible_page), (Told.WHOLE, uncounted_page)):
            pages = {
                book.name: page(book.verdict, book.autograded, marks, self._settings.language)
                for book in graded.notebooks
            }
            self._store.keep_pages(job, pages, told)
