"""A served course, step by step in this process: policies, tries, what fails, and two servers over one queue."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout
from closed_doors.core.locks import if_free
from closed_doors.nbgrader import hand_in_queue
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.gradebook_students import rename_student
from closed_doors.nbgrader.hand_in_queue import Job, LeaseLostError, State, Told
from closed_doors.nbgrader.settings import read_settings
from closed_doors.semester.student_traces import find_traces, remove_traces, rename_traces
from closed_doors.serving.live_course import LiveCourse, Outcome
from closed_doors.serving.server_log import ServerLog
from closed_doors.serving.server_metrics import ServerMetrics
from support.courses import ASSIGNMENT, HALF, RIGHT, WRONG, SmallCourse, make_course, master
from support.grading_run import autograde, course_marks, warm_pool
from support.served import COURSE, Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
Serving = Callable[..., LiveCourse]


def serving(course: SmallCourse, policy: str = "", lease_s: float = 60) -> LiveCourse:
    (course.root / "course.toml").write_text(f"[serve]\n{policy}\n")
    found = LiveCourse(Layout(course.root), ServerLog(io.StringIO()), ServerMetrics(), lease_s)
    found.prepare()
    return found


def hand_in(live: LiveCourse, student: str, answer: str, at: datetime | None = None) -> Job:
    notebook = master()
    notebook.cells[1].source, notebook.cells[3].source = answer, "Parce que."
    data = nbformat.writes(notebook).encode()
    return live.hand_in(ASSIGNMENT, student, f"{ASSIGNMENT}.ipynb", data, f"{student}{answer}{at}", at)


def work(live: LiveCourse) -> list[Outcome]:
    """Do all that may be done now, one after another."""
    found = []
    with warm_pool() as pool:
        while jobs := live.claim(1):
            found += [live.work(job, pool) for job in jobs]
    return found


def score(course: SmallCourse, student: str) -> float:
    return read_marks(read_settings(course.root).db_url, ASSIGNMENT)[student].notebooks[ASSIGNMENT].score


def page(live: LiveCourse, job: Job) -> str:
    return live.store.pages(job, live.queue.told(job.id))[ASSIGNMENT].decode()


def test_the_last_work_counts_or_the_best(course: SmallCourse) -> None:
    """By "last" a worse work takes the place of a better one; by "best" it has a page that says it does not count."""
    live = serving(course, 'counts = "last"')
    for answer in (RIGHT, WRONG):
        hand_in(live, "alice", answer)
        assert work(live) == [Outcome.GRADED]
    assert score(course, "alice") == 0
    live = serving(course, 'counts = "best"')
    kept, worse = hand_in(live, "bruno", HALF), None
    assert work(live) == [Outcome.GRADED]
    submitted = (course.root / "submitted" / "bruno" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
    worse = hand_in(live, "bruno", WRONG)
    assert work(live) == [Outcome.GRADED]
    assert score(course, "bruno") == 2
    assert "ne compte pas" in page(live, worse)
    assert "ne compte pas" not in page(live, kept)
    assert (course.root / "submitted" / "bruno" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes() == submitted
    better = hand_in(live, "bruno", RIGHT)
    assert work(live) == [Outcome.GRADED]
    assert score(course, "bruno") == 4
    assert "ne compte pas" not in page(live, better)


def test_the_same_work_is_graded_once_unless_other_work_came_between(course: SmallCourse) -> None:
    """A, A: once. A, B, A: the last A counts, and came when it came last."""
    live = serving(course)
    begun = datetime(2026, 10, 1, 12, 0)
    first = hand_in(live, "alice", RIGHT, begun)
    work(live)
    assert hand_in(live, "alice", RIGHT, begun + timedelta(minutes=1)).state is State.GRADED
    assert work(live) == []
    hand_in(live, "alice", WRONG, begun + timedelta(minutes=2))
    assert work(live) == [Outcome.GRADED]
    again = hand_in(live, "alice", RIGHT, begun + timedelta(minutes=3))
    assert (again.id, again.state) == (first.id, State.WAITING)
    assert work(live) == [Outcome.GRADED]
    assert score(course, "alice") == 4
    assert "2026-10-01T12:03:00" in (course.root / "received.csv").read_text()


def test_tries_beyond_the_days_wait_and_give_way_to_the_last(course: SmallCourse) -> None:
    """Two a day: the third and fourth wait for tomorrow, and then the fourth alone is graded."""
    live = serving(course, "tries_a_day = 2")
    begun = datetime(2026, 10, 1, 12, 0)
    jobs = [hand_in(live, "alice", f"{RIGHT}\n# {n}", begun + timedelta(minutes=n)) for n in range(4)]
    assert work(live) == [Outcome.GRADED, Outcome.GRADED, Outcome.PUT_OFF, Outcome.PUT_OFF]
    states = [found.state for job in jobs if (found := live.queue.job(job.id))]
    assert states == [State.GRADED, State.GRADED, State.SUPERSEDED, State.WAITING]
    waiting = live.queue.job(jobs[3].id)
    assert waiting is not None
    assert waiting.not_before is not None
    assert waiting.not_before > hand_in_queue.utc_now()
    assert work(live) == []


def test_nothing_is_graded_in_quiet_hours(course: SmallCourse) -> None:
    """Work is taken, and waits."""
    live = serving(course, 'quiet = ["00:00-12:00", "12:00-00:00"]')
    job = hand_in(live, "alice", RIGHT)
    assert work(live) == []
    assert job.state is State.WAITING


def test_until_the_due_date_the_page_tells_nothing_of_hidden_tests(course: SmallCourse) -> None:
    """Work that differs only in what hidden tests find has the same page; after the due date the whole one is told."""
    live = serving(course, 'feedback = "visible until due"')
    due = datetime.now().astimezone() + timedelta(hours=1)
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, due.isoformat())
    jobs = [hand_in(live, student, answer) for student, answer in (("alice", RIGHT), ("bruno", HALF))]
    assert work(live) == [Outcome.GRADED] * 2
    pages = [page(live, job).replace("alice", "bruno").replace("2 * n", "n + 2") for job in jobs]
    shown = [re.sub(r"<span[^>]*>|</span>", "", text) for text in pages]
    assert [live.queue.told(job.id) for job in jobs] == [Told.VISIBLE] * 2
    assert shown[0].replace("2 * n", "n + 2") == shown[1].replace("2 * n", "n + 2")
    assert "d'autres nombres" not in shown[0].replace("&#39;", "'")
    assert not (course.root / "feedback").exists()
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, (due - timedelta(hours=2)).isoformat())
    assert live.tell() == 2
    assert "d'autres nombres" in page(live, jobs[0]).replace("&#39;", "'")


def test_feedback_may_wait_for_a_person(course: SmallCourse) -> None:
    """Nothing is told before the last cell is marked by hand, and then the whole page with that mark."""
    live = serving(course, 'feedback = "after marking by hand"')
    job = hand_in(live, "alice", RIGHT)
    assert work(live) == [Outcome.GRADED]
    assert live.tell() == 0
    assert live.queue.told(job.id) is Told.NOTHING
    course_marks(course, "question", "alice", 2)
    assert live.tell() == 1
    assert "provisoire" not in page(live, job)


def test_a_master_that_refuses_itself_keeps_everybody_waiting(course: SmallCourse) -> None:
    """Nobody gets a mark, the assignment is named as what a person has to mend, and once it is, all are graded."""
    live = serving(course)
    broken = master()
    broken.cells[1].source = "### BEGIN SOLUTION\ndef double(n):\n    return n\n### END SOLUTION"
    course.set_master(broken)
    job = hand_in(live, "alice", RIGHT)
    assert work(live) == [Outcome.ASSIGNMENT_REFUSED]
    assert "own solution" in live.problems[ASSIGNMENT]
    found = live.queue.job(job.id)
    assert found is not None
    assert (found.state, found.attempts) == (State.WAITING, 0)
    course.set_master(master())
    hand_in(live, "bruno", RIGHT)
    assert work(live) == [Outcome.GRADED]
    assert live.problems == {}


def test_what_can_never_be_graded_is_given_up_and_left_for_a_person(
    course: SmallCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five attempts a job is failed, with its reason, without a mark; `course autograde` finds the work."""
    live = serving(course)
    job = hand_in(live, "alice", RIGHT)
    with warm_pool() as pool, monkeypatch.context() as patched:
        patched.setattr(live._grader, "grade", lambda *_: 1 / 0)
        patched.setattr("closed_doors.serving.live_course.AGAIN_S", 0)
        outcomes = []
        while jobs := live.claim(1):
            outcomes += [live.work(each, pool) for each in jobs]
    assert outcomes == [Outcome.AGAIN] * 4 + [Outcome.GIVEN_UP]
    (found,) = live.queue.troubled()
    assert (found.id, found.state) == (job.id, State.FAILED)
    assert "ZeroDivisionError" in found.reason
    assert autograde(course).graded == 1


def test_servers_that_are_killed_are_no_attempts(course: SmallCourse) -> None:
    """Work that ten servers in a row have begun with and not ended is graded by the eleventh."""
    hand_in(serving(course), "alice", RIGHT)
    for _ in range(10):
        (job,) = serving(course, lease_s=0).claim(1)
        assert job.attempts == 0
    assert work(serving(course)) == [Outcome.GRADED]
    assert score(course, "alice") == 4


def test_a_lease_that_ran_out_is_another_servers(course: SmallCourse) -> None:
    """What the first server finds after that is not recorded; the second one's is."""
    slow, other = serving(course, lease_s=0), serving(course)
    hand_in(slow, "alice", RIGHT)
    (job,) = slow.claim(1)
    with warm_pool() as pool:
        (taken,) = other.claim(1)
        assert slow.work(job, pool) is Outcome.LOST
        assert course.grades() == {}
        assert other.work(taken, pool) is Outcome.GRADED
    assert score(course, "alice") == 4


def test_who_leaves_the_course_leaves_the_server_too(course: SmallCourse) -> None:
    """Another id is that of the pages and of the queue; and nothing that was served stays of whoever is taken out."""
    live = serving(course, 'feedback = "visible until due"')
    job = hand_in(live, "alice", RIGHT)
    assert work(live) == [Outcome.GRADED]
    settings = read_settings(course.root)
    rename_traces(settings, "alice", "zoe", find_traces(settings, "alice"))
    rename_student(settings.db_url, "alice", "zoe")
    renamed = live.queue.job(job.id)
    assert renamed is not None
    assert renamed.student == "zoe"
    assert page(live, renamed)
    remove_traces(settings, "zoe", find_traces(settings, "zoe"))
    left = [path for path in (course.root / "hand-ins").rglob("*") if path.is_file() and path.stat().st_size]
    assert left == []


@pytest.mark.parametrize("student", ["", "..", ".x", "a/b", "a+b", "_x"])
def test_a_student_is_no_path(course: SmallCourse, student: str) -> None:
    """An id that would lead elsewhere, or that the exchange could not tell, is refused."""
    with pytest.raises(LayoutError):
        hand_in(serving(course), student, RIGHT)


def test_after_the_due_date_rounds_tell_everybody_but_whose_page_cannot_be_made(
    course: SmallCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hand-ins are looked at in a round: one damaged work holds nobody else's page up, and is named."""
    monkeypatch.setattr("closed_doors.serving.hand_out_pages.STRETCH", 2)
    live = serving(course, 'feedback = "visible until due"')
    due = datetime.now().astimezone() + timedelta(hours=1)
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, due.isoformat())
    jobs = [hand_in(live, student, RIGHT) for student in ("alice", "bruno", "chloe", "david", "emma")]
    assert work(live) == [Outcome.GRADED] * 5
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, (due - timedelta(hours=2)).isoformat())
    (course.root / "autograded" / "chloe" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").unlink()
    found, problems = 0, set()
    for _ in range(4):
        found += live.tell()
        problems |= live.problems.keys()
    assert found == 4
    assert problems == {"feedback"}
    told = {job.student: live.queue.told(job.id) for job in jobs}
    assert told.pop("chloe") is Told.VISIBLE
    assert set(told.values()) == {Told.WHOLE}


def test_who_has_lost_its_lease_writes_nothing(course: SmallCourse) -> None:
    """The files of a work that another server has since graded stay as that one wrote them."""
    slow, other = serving(course, lease_s=0), serving(course)
    hand_in(slow, "alice", RIGHT)
    (job,) = slow.claim(1)
    with warm_pool() as pool:
        found = slow._grader.grade(job, pool)
        (taken,) = other.claim(1)
        assert other.work(taken, pool) is Outcome.GRADED
        hand_in(other, "alice", WRONG)
        assert [other.work(each, pool) for each in other.claim(1)] == [Outcome.GRADED]
        with pytest.raises(LeaseLostError):
            slow._grader.record(job, found)
    kept = course.root / "submitted" / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    assert nbformat.read(kept, as_version=4).cells[1].source == WRONG
    assert score(course, "alice") == 0


def test_one_server_at_a_time_takes_from_the_exchange(tmp_path: Path) -> None:
    """While one takes, the other leaves the exchange alone; and what one has taken the other knows."""
    exchange = tmp_path / "exchange"
    (exchange / COURSE / "inbound").mkdir(parents=True)
    settings = f"\nc.Exchange.root = {str(exchange)!r}\nc.ExchangeCollect.check_owner = False\n"
    served = Served(make_course(tmp_path / "course", settings), exchange, tmp_path / "log")
    one, other = serving(served.course), serving(served.course)
    for student in ("alice", "bruno"):
        served.submit(student, RIGHT)

    with if_free(one.store.intake_lock) as mine:
        assert mine
        assert [other.scan() for _ in range(3)] == [0, 0, 0]
    while sum(one.queue.count().values()) < 2:
        one.scan()
    assert other.scan() == 0
    served.submit("chloe", RIGHT)
    while sum(one.queue.count().values()) < 3:
        other.scan()
    assert len(list((served.root / "hand-ins").glob("[0-9a-f]*"))) == 3


def test_two_servers_share_a_queue_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    """Two that claim at the same time get each job once, and all marks are there."""
    course = make_course(tmp_path / "served", f"\nc.CourseDirectory.db_url = {postgresql!r}\n")
    servers = [serving(course), serving(course)]
    for number in range(8):
        hand_in(servers[0], f"eleve-{number}", f"{RIGHT}\n# {number}")
    with ThreadPoolExecutor(2) as threads:
        outcomes = [outcome for found in threads.map(work, servers) for outcome in found]
    assert outcomes == [Outcome.GRADED] * 8, [job.reason for job in servers[0].queue.troubled()]
    marks = read_marks(postgresql, ASSIGNMENT)
    assert [marks[f"eleve-{number}"].notebooks[ASSIGNMENT].score for number in range(8)] == [4] * 8
