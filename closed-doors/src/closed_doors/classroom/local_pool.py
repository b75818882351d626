"""Where grading happens: any concurrent.futures.Executor, with what is the same for all submissions sent once."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from closed_doors.classroom.grade_submission import Assignment, GradedSubmission, Submission, grade_submission
from closed_doors.grading.processes.zygote_handle import dismiss_warm_zygote, warm_zygote

MANY = 12  # submissions, from which on what makes forks cheaper costs less than it saves


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Pool:
    """Workers that are ready.

    Attributes:
        executor: takes the work.
        slots: how many submissions are graded at a time.
        where: the workers in a few words, for the person who waits.
        share: gives what stands for the assignment in a submitted call; on a cluster, a future of it.
        check: raises ExecutionError where no worker is left; called while results are waited for.
        grade: what a worker does.
    """

    executor: Executor
    slots: int
    where: str
    share: Callable[[Assignment], Assignment] = lambda assignment: assignment
    check: Callable[[], None] = _nothing
    grade: Callable[[Assignment, Submission], GradedSubmission] = grade_submission

    def submit(self, shared: Assignment, submission: Submission) -> "Future[GradedSubmission]":
        """Have a submission graded."""
        return self.executor.submit(self.grade, shared, submission)


def default_slots() -> int:
    """Return one slot a processor, and two for the time in which a sandbox is taken apart."""
    return len(os.sched_getaffinity(0)) + 2


def expect(count: int) -> None:
    """Tell the warm process of this machine how many submissions come, before the first of them."""
    warm_zygote().many = count >= MANY


@contextmanager
def local_pool(slots: int) -> Iterator[Pool]:
    """Offer worker slots on this machine, which share one warm process."""
    warm_zygote()  # starts now, where it has not yet, while the caller goes on
    executor = ThreadPoolExecutor(slots, thread_name_prefix="slot")
    try:
        yield Pool(executor, slots, f"{slots} slot{'s' if slots > 1 else ''} on this machine")
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        dismiss_warm_zygote()  # what still runs is not wanted any more
