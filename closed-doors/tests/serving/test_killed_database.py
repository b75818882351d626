"""`course serve` over a PostgreSQL server that is killed while work comes, and comes back."""

import io
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import sqlalchemy as sa

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.hand_in_queue import HandInQueue, NewHandIn, State, utc_now
from closed_doors.serving.api_tokens import add_token
from closed_doors.serving.live_course import LiveCourse, Outcome
from closed_doors.serving.server_log import ServerLog
from closed_doors.serving.server_metrics import ServerMetrics
from support.courses import ASSIGNMENT, HALF, RIGHT, WRONG, make_course, master
from support.grading_run import warm_pool
from support.postgresql import PostgreSQL
from support.served import COURSE, Served, ask, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
ONCE = {
    "each hand-in": "SELECT course, name FROM closed_door_hand_in",
    "each work": "SELECT course, assignment, student_id, content FROM closed_door_job",
    "each student's work": "SELECT assignment_id, student_id FROM submitted_assignment",
    "each student's notebook": "SELECT assignment_id, notebook_id FROM submitted_notebook",
    "each cell's grade": "SELECT notebook_id, cell_id FROM grade",
    "each cell's comment": "SELECT notebook_id, cell_id FROM comment",
}


@pytest.fixture
def served(mortal_postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Served]:
    exchange = tmp_path / "exchange"
    (exchange / COURSE / "inbound").mkdir(parents=True)
    settings = f"""
c.CourseDirectory.db_url = {mortal_postgresql.url!r}
c.Exchange.root = {str(exchange)!r}
c.ExchangeCollect.check_owner = False
"""
    found = Served(make_course(tmp_path / "course", settings), exchange, tmp_path / "serve.log")
    yield found
    found.kill()


def rows(url: str, query: str) -> Counter[tuple[object, ...]]:
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as db:
        return Counter(tuple(row) for row in db.execute(sa.text(query)))


def test_a_database_killed_at_any_moment_loses_nothing_and_has_nothing_twice(
    served: Served, mortal_postgresql: PostgreSQL
) -> None:
    """PostgreSQL gets SIGKILL while work comes (DATABASE_KILLS says how often): each hand-in has one mark, one page."""
    draw = random.Random(int(os.environ.get("DATABASE_KILLS_SEED", "11")))
    wanted, pages = {}, {}
    served.start()
    for number in range(int(os.environ.get("DATABASE_KILLS", "3"))):
        for student in (f"eleve-{number}-{n}" for n in range(4)):
            answer, points = draw.choice(((RIGHT, 4), (HALF, 2), (WRONG, 0)))
            wanted[student], pages[student] = points, served.submit(student, f"{answer}\n# {student}")
            time.sleep(draw.uniform(0, 0.3))
        time.sleep(draw.uniform(0, 2))
        what = mortal_postgresql.kill(draw)
        time.sleep(draw.uniform(0, 1))
        mortal_postgresql.start()
        print(f"kill {number + 1}: {what}")
    for page in pages.values():
        served.page(page)
    assert served.wait_until_done() == {State.GRADED: len(pages)}
    marks = read_marks(mortal_postgresql.url, ASSIGNMENT)
    assert {student: one.notebooks[ASSIGNMENT].score for student, one in marks.items()} == wanted
    for what, query in ONCE.items():
        assert set(rows(mortal_postgresql.url, query).values()) == {1}, what
    ended = Counter(event["job"] for event in served.events() if event.get("outcome") == "graded")
    assert set(ended.values()) == {1}
    assert served.processes[0].poll() is None
    served.stop()


def test_a_server_waits_for_its_database_and_says_so(served: Served, mortal_postgresql: PostgreSQL) -> None:
    """Meanwhile /healthz fails, HTTP asks to come again, the log tells of the pause; then work goes on by itself."""
    token = add_token(served.root, "platform")
    address = served.start()
    served.page(served.submit("alice", RIGHT))
    mortal_postgresql.stop()
    page = served.submit("bruno", HALF)
    wait_for(lambda: ask(address, "/healthz")[0] == 503 or None, served.log)
    place = f"/v1/courses/{COURSE}/queue"
    assert ask(address, place, token)[0] == 503
    lost = [event for event in served.events() if event["event"] == "round_failed"]
    assert lost[0]["error"] == "GradebookError"
    assert "again_in_seconds" in lost[0]
    mortal_postgresql.start()
    served.page(page)
    assert [event["event"] for event in served.events()].count("working_again") == 1
    wait_for(lambda: ask(address, "/healthz")[0] == 200 or None, served.log)
    assert ask(address, place, token)[0] == 200


def test_what_a_failed_claim_has_leased_is_let_go(postgresql: str) -> None:
    """A server that was not told what it leased lets all of it wait again, but for what it is at."""
    queue, other = (HandInQueue(postgresql, "let-go", owner) for owner in ("one", "two"))
    queue.prepare()
    for student in "abcd":
        queue.add(NewHandIn(student, ASSIGNMENT, student, "content", utc_now()))
    at_work, *_ = queue.claim(3)
    (elsewhere,) = other.claim(2)
    queue.let_go({at_work.id})
    states = {job.id: job.state for job in map(queue.job, (at_work.id, elsewhere.id)) if job is not None}
    assert states == {at_work.id: State.LEASED, elsewhere.id: State.LEASED}
    assert len(queue.claim(4)) == 2


def test_work_is_not_kept_by_a_server_that_could_not_put_it_back(mortal_postgresql: PostgreSQL, tmp_path: Path) -> None:
    """The database is gone when work ends, and is back: the work is done at once, not when its lease has run out."""
    course = make_course(tmp_path / "course", f"\nc.CourseDirectory.db_url = {mortal_postgresql.url!r}\n")
    live = LiveCourse(course.layout, ServerLog(io.StringIO()), ServerMetrics(), lease_s=3600)
    live.prepare()
    data = nbformat.writes(master()).encode()
    job = live.hand_in(ASSIGNMENT, "alice", f"{ASSIGNMENT}.ipynb", data, "alice", None)
    (claimed,) = live.claim(1)
    mortal_postgresql.stop()
    with warm_pool() as pool:
        assert live.work(claimed, pool) is Outcome.AGAIN
        with pytest.raises(GradebookError):
            live.claim(1)
        mortal_postgresql.start()
        (again,) = live.claim(1)
        assert again.id == job.id
        assert live.work(again, pool) is Outcome.GRADED
