"""A course as `course serve` has it once many have handed in: rows of a class in the gradebook, and as many that wait.

What grading gives is recorded once, from one real submission, and is given to everybody: so all but grading can be
measured with as many rows as wanted.
"""

import csv
import io
import json
import os
import secrets
import shutil
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec
import nbformat
import sqlalchemy as sa

from closed_doors.classroom.grade_submission import Assignment, GradedSubmission, Submission
from closed_doors.classroom.local_pool import Pool, local_pool
from closed_doors.core.layout import Layout
from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import completed
from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.hand_in_queue import State, Told, hashed_name, job_id, utc_now
from closed_doors.nbgrader.settings import read_settings
from closed_doors.serving.live_course import LiveCourse
from closed_doors.serving.server_log import ServerLog
from closed_doors.serving.server_metrics import ServerMetrics

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from support.postgresql import running

ASSIGNMENT, COURSE = "masque_causal", "masque-causal"
PARTS = ("course.toml", "nbgrader_config.py", "pyproject.toml", "src", "source", "masters", "release", "examples")
AT_ONCE = 1000
DURABLE = "synchronous_commit=on"


@contextmanager
def database(kind: str, folder: Path, setting: str = DURABLE) -> Iterator[str]:
    """Yield the address of a new database, PostgreSQL with a setting."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'gradebook.db'}"
        return
    with running(setting) as server:
        yield server.url


def make_course(course: Path, root: Path, exchange: Path, url: str | None = None) -> None:
    """Copy a course, with its own exchange, and with another database where one is named."""
    root.mkdir()
    for part in PARTS:
        if (course / part).is_dir():
            shutil.copytree(course / part, root / part)
        elif (course / part).exists():
            shutil.copy(course / part, root / part)
    (exchange / COURSE / "inbound").mkdir(parents=True)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\nc.ExchangeCollect.check_owner = False\n")
        if url is not None:
            config.write(f"c.CourseDirectory.db_url = {url!r}\n")
    NbgraderCourse(root).register(ASSIGNMENT)


def serving(root: Path) -> LiveCourse:
    """Return the course as a server has it."""
    live = LiveCourse(Layout(root), ServerLog(io.StringIO()), ServerMetrics(), lease_s=3600)
    live.prepare()
    return live


class Students:
    """Who hands in: the demo class's honest work, each copy differing in a comment."""

    def __init__(self, course: Path, exchange: Path) -> None:
        demo = read_class(course / "examples" / ASSIGNMENT)
        release = nbformat.read(course / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
        honest = [one for one in demo.students if one.expected is not None and one.id != "nina" and not one.hands_in]
        self.works = [nbformat.writes(completed(demo, one, release)) for one in honest]
        self._inbound = exchange / COURSE / "inbound"
        self._count = 0

    def work(self) -> tuple[str, str]:
        """Return a new student and a work."""
        self._count += 1
        notebook = nbformat.reads(self.works[self._count % len(self.works)], as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(f"# {self._count}"))
        return f"eleve{self._count}", nbformat.writes(notebook)

    def submit(self) -> str:
        """Hand in by the exchange, and return the secret that the page is found by."""
        student, text = self.work()
        secret = secrets.token_hex(64)
        folder = self._inbound / f"{student}+{ASSIGNMENT}+2026-10-01 10:00:00 UTC+{secret[:8]}"
        folder.mkdir()
        (folder / f"{ASSIGNMENT}.ipynb").write_text(text)
        (folder / "submission_secret.txt").write_text(secret)
        return secret


def hand_in(live: LiveCourse, students: Students, at: datetime) -> None:
    """Hand in as if by HTTP."""
    student, text = students.work()
    live.hand_in(ASSIGNMENT, student, f"{ASSIGNMENT}.ipynb", text.encode(), student, at)


def graded_once(live: LiveCourse, students: Students) -> GradedSubmission:
    """Grade one work as it is, and return what came out."""
    found: list[GradedSubmission] = []
    hand_in(live, students, utc_now())
    with local_pool(1) as pool:

        def grade(assignment: Assignment, submission: Submission) -> GradedSubmission:
            found.append(pool.grade(assignment, submission))
            return found[0]

        (job,) = live.claim(1)
        live.work(job, replace(pool, grade=grade))
    return found[0]


@contextmanager
def recorded_pool(graded: GradedSubmission) -> Iterator[Pool]:
    """Offer workers that give what was recorded at once."""

    def grade(_: Assignment, submission: Submission) -> GradedSubmission:
        books = (
            replace(book, verdict=msgspec.structs.replace(book.verdict, student=submission.student))
            for book in graded.notebooks
        )
        return replace(graded, student=submission.student, notebooks=tuple(books))

    with ThreadPoolExecutor(1) as executor:
        yield Pool(executor, 1, "recorded", grade=grade)


def fill(root: Path, exchange: Path, students: range) -> None:
    """Enter a class whose work is graded and told, and another work of each that waits.

    Args:
        root: the course, in which one work is graded: everybody's rows are like its own.
        exchange: holds a folder a hand-in, as nbgrader leaves them there.
        students: whom to enter, by number.
    """
    engine = sa.create_engine(read_settings(root).db_url, poolclass=sa.NullPool)
    with engine.begin() as db:
        model = _Model(db)
    names = iter(students)
    while some := list(islice(names, AT_ONCE)):
        with engine.begin() as db:
            _enter(db, model, some)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(sa.text("ANALYZE"))
    _files(root, exchange, students)


class _Model:
    """The rows of the student who is graded."""

    def __init__(self, db: sa.Connection) -> None:
        self.submission = self._all(db, tables.submission)[0]
        self.notebook = self._all(db, tables.submitted)[0]
        self.graded = self._all(db, tables.graded)[0]

    @staticmethod
    def _all(db: sa.Connection, table: sa.Table) -> list[dict[str, object]]:
        return [dict(row) for row in db.execute(sa.select(table)).mappings()]


def _enter(db: sa.Connection, model: _Model, students: list[int]) -> None:
    rows: dict[sa.Table, list[dict[str, object]]] = {}

    def put(table: sa.Table, model: dict[str, object], **values: object) -> None:
        rows.setdefault(table, []).append(model | values)

    begun = utc_now() - timedelta(days=1)
    for number in students:
        name, submission, notebook = student_name(number), uuid.uuid4().hex, f"book{number}"
        put(tables.student, {}, id=name)
        put(tables.submission, model.submission, id=submission, student_id=name)
        put(tables.submitted, model.notebook, id=notebook, assignment_id=submission)
        put(tables.graded, model.graded, submission_id=submission, content=uuid.uuid4().hex)
        for state, told, late_s in ((State.GRADED, Told.WHOLE, 0), (State.WAITING, Told.NOTHING, 7200)):
            content, at = uuid.uuid4().hex, begun + timedelta(seconds=late_s + number / 100)
            job = job_id(COURSE, ASSIGNMENT, name, content)
            graded = at if state is State.GRADED else None
            values = {"course": COURSE, "assignment": ASSIGNMENT, "student_id": name, "content": content}
            values |= {"state": state, "arrived": at, "attempts": 0, "claims": 0}
            put(tables.job, values, id=job, graded=graded, counts=True if graded else None)
            folder = hashed_name(_folder(number, state))
            hand_in = {"id": uuid.uuid4().hex, "course": COURSE, "name": folder, "job_id": job}
            put(tables.hand_in, hand_in, arrived=at, secret=None, told=told)
    for table, some in rows.items():
        db.execute(sa.insert(table), some)
    for table in (tables.grade, tables.comment, tables.answer):
        _copy_rows(db, table, str(model.notebook["id"]), students)


def _copy_rows(db: sa.Connection, table: sa.Table, notebook: str, students: list[int]) -> None:
    """Give each of the students what a notebook has, within the database."""
    numbers = sa.select(sa.literal(students[0]).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < students[-1]))
    text = sa.cast(numbers.c.n, sa.String)
    made = {"notebook_id": sa.literal("book") + text}
    if "id" in table.c:
        made["id"] = sa.func.substr(table.c.id, 1, 20) + "-" + text
    names = [column.name for column in table.columns]
    both = table.join(numbers, sa.true())
    chosen = sa.select(*(made.get(name, table.c[name]) for name in names)).select_from(both)
    db.execute(sa.insert(table).from_select(names, chosen.where(table.c.notebook_id == notebook)))


def student_name(number: int) -> str:
    """Return the id of one who was entered."""
    return f"classe{number:06}"


def _folder(number: int, state: State) -> str:
    return f"{student_name(number)}+{ASSIGNMENT}+2026-10-01 10:00:00 UTC+{state}"


def _files(root: Path, exchange: Path, students: range) -> None:
    """Let received.csv and the notes of pages have a line each, and the exchange two folders."""
    with (root / "received.csv").open("a", newline="") as file:
        moment = datetime.now(UTC).isoformat()
        csv.writer(file).writerows((student_name(number), ASSIGNMENT, moment) for number in students)
    notes = root / "feedback" / f"{ASSIGNMENT}.pages.json"
    known = json.loads(notes.read_text()) if notes.exists() else {}
    fresh = {f"{student_name(number)}/{ASSIGNMENT}": secrets.token_hex(32) for number in students}
    notes.write_text(json.dumps(known | fresh))
    for number in students:
        for state in (State.GRADED, State.WAITING):
            os.mkdir(exchange / COURSE / "inbound" / _folder(number, state))  # noqa: PTH102  (a hundred thousand)
