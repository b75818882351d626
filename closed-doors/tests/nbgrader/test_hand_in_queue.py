"""The queue by itself: upgraded, claimed from by several, and never read whole."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.final_marks import NEVER_LATE, settle
from closed_doors.nbgrader.gradebook_indexes import INDEXES
from closed_doors.nbgrader.gradebook_reader import earlier_in, marks_in
from closed_doors.nbgrader.hand_in_queue import HandInQueue, NewHandIn, State, Told, utc_now

NOON = datetime(2026, 10, 1, 12, 0)
COURSE, DEVOIR = "cours", "devoir"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gradebook.db'}"
        return
    address = request.getfixturevalue("postgresql")
    yield address
    with sa.create_engine(address, poolclass=sa.NullPool).begin() as db:
        db.execute(sa.text("DROP SCHEMA public CASCADE"))
        db.execute(sa.text("CREATE SCHEMA public"))


def queue(url: str, owner: str = "server", lease_s: float = 60) -> HandInQueue:
    found = HandInQueue(url, COURSE, owner, lease_s)
    found.prepare()
    return found


def hand_in(where: HandInQueue, student: str, content: str = "a", minute: int = 0) -> str:
    new = NewHandIn(f"{student} {content} {minute}", DEVOIR, student, content, NOON + timedelta(minutes=minute))
    return where.add(new).id


def indexes(db: sa.Connection) -> set[str]:
    look = sa.inspect(db)
    return {str(index["name"]) for name in look.get_table_names() for index in look.get_indexes(name)}


def test_a_database_of_an_earlier_version_gets_its_indexes(url: str) -> None:
    """Tables that were made without them, with rows in them, have all of them once a server has opened them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as db:
        for table in {index.table for index in INDEXES}:
            db.execute(sa.schema.CreateTable(table))
        row = {"id": "1", "course": COURSE, "assignment": DEVOIR, "student_id": "alice", "content": "a"}
        started = {"state": State.WAITING, "arrived": NOON, "attempts": 0, "claims": 0}
        db.execute(sa.insert(tables.job).values(**row, **started))
        wanted = {str(index.name) for index in INDEXES}
        assert not wanted & indexes(db)
    first, second = queue(url), queue(url)
    with engine.connect() as db:
        assert wanted <= indexes(db)
    assert [job.student for job in first.claim(5)] == ["alice"]
    assert second.claim(5) == []


def test_a_claim_takes_the_oldest_and_one_of_each_student(url: str) -> None:
    """Of two works of a student the second waits for the first; what is put off waits for its day."""
    live = queue(url)
    for minute, student in enumerate(("alice", "bruno", "alice", "chloe")):
        hand_in(live, student, f"{minute}", minute)
    taken = live.claim(2)
    assert [(job.student, job.arrived.minute) for job in taken] == [("alice", 0), ("bruno", 1)]
    assert [job.student for job in live.claim(5)] == ["chloe"]
    live.finish(taken[0], counts=True)
    live.put_back(taken[1], "a reason", utc_now() + timedelta(hours=1))
    assert [(job.student, job.arrived.minute) for job in live.claim(5)] == [("alice", 2)]
    assert live.claim(5) == []


def test_a_lease_that_has_run_out_is_claimed_in_its_turn(url: str) -> None:
    """What a dead server had begun comes before what came later, and back to nobody else."""
    dead = queue(url, "dead", lease_s=-1)
    hand_in(dead, "alice")
    dead.claim(1)
    live = queue(url, "live")
    hand_in(live, "bruno", minute=1)
    assert [job.student for job in live.claim(1)] == ["alice"]
    assert [job.student for job in live.claim(5)] == ["bruno"]


def test_many_servers_claim_each_work_once(url: str) -> None:
    """Four that claim three at a time until nothing is left have all of it, and nothing twice."""
    first = queue(url)
    wanted = {hand_in(first, f"eleve-{number}") for number in range(60)}

    def all_of(number: int) -> list[str]:
        mine, found = queue(url, f"server-{number}"), []
        while jobs := mine.claim(3):
            found += [job.id for job in jobs]
        return found

    with ThreadPoolExecutor(4) as threads:
        found = [job for some in threads.map(all_of, range(4)) for job in some]
    found += all_of(4)
    assert len(found) == len(wanted)
    assert set(found) == wanted


def test_what_may_be_told_is_looked_at_stretch_by_stretch(url: str) -> None:
    """Stretches of two have every hand-in of graded work once, and none of work that waits."""
    live = queue(url)
    for number in range(5):
        hand_in(live, f"eleve-{number}", minute=number)
    for job in live.claim(3):
        live.finish(job, counts=True)
    found, end = [], ""
    for _ in range(5):
        stretch = live.next_untold(Told.NOTHING, end, 2)
        found += [hand_in.job.student for hand_in in stretch.hand_ins]
        end = stretch.end
        if not end:
            break
    assert sorted(found) == ["eleve-0", "eleve-1", "eleve-2"]
    assert end == ""


def scans(url: str, call: Callable[[], object]) -> list[str]:
    """Return the tables that SQLite reads from end to end, or sorts, for what a call asks of it."""
    asked: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, values: object, *___: object) -> None:
        asked.append((statement, values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    found = []
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as db:
        for statement, values in asked:
            if re.match(r"SELECT|UPDATE|DELETE", statement) and "sqlite_master" not in statement:
                plan = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                found += [f"{row[3]}: {statement}" for row in plan if re.match(r"SCAN|USE TEMP", row[3])]
    assert asked
    return found


@pytest.mark.parametrize("call", ["claim", "renew", "graded_since", "came_after", "untold", "next_untold", "known"])
def test_no_question_of_the_queue_reads_it_whole(tmp_path: Path, call: str) -> None:
    """Whatever is asked for one work is found by an index, however many wait."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    live = queue(url)
    for student in ("alice", "bruno"):
        hand_in(live, student)
    (job,) = live.claim(1)
    calls: dict[str, Callable[[], object]] = {
        "claim": lambda: live.claim(1),
        "renew": lambda: live.renew([job.id]),
        "graded_since": lambda: live.graded_since(job, NOON),
        "came_after": lambda: live.came_after(replace(job, graded=NOON)),
        "untold": lambda: live.untold(job.id),
        "next_untold": lambda: live.next_untold(Told.NOTHING, "", 10),
        "known": lambda: live.known_names(["x"]),
    }
    whole = ("SCAN closed_door", "USE TEMP") if call == "claim" else ("SCAN closed_door",)  # the others sort a few
    assert [found for found in scans(url, calls[call]) if found.startswith(whole)] == []


def test_one_students_marks_are_found_without_reading_the_class(tmp_path: Path) -> None:
    """The tables that grow with the class are never read from end to end for one student's marks and penalties."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as db:
        tables.schema.create_all(db)
        for index in (
            sa.Index("of_name", tables.assignment.c.name, unique=True),
            sa.Index("of_student", tables.submission.c.assignment_id, tables.submission.c.student_id, unique=True),
        ):  # nbgrader's own
            index.create(db)
            assert index.table is not None
            index.table.indexes.discard(index)

    def ask() -> None:
        with engine.begin() as db:
            marks_in(db, DEVOIR, ("alice",))
            earlier_in(db, DEVOIR, ("alice",))
            settle(db, DEVOIR, NEVER_LATE, ("alice",))

    many = ("SCAN submitted", "SCAN student", "SCAN grade:", "SCAN grade USING", "SCAN comment", "SCAN closed_door")
    assert [found for found in scans(url, ask) if found.startswith(many)] == []
