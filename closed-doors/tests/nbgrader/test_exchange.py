"""nbgrader's exchange, from release to fetched feedback, with two students.

As root, the students are two accounts that every machine has, so that files have owners as on a shared server. As an
ordinary user, they are two names of one account, each with a home of its own.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from closed_doors.classroom.class_run import Options, Run
from closed_doors.core import errors
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.receipts import read_receipts
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, HALF, RIGHT, SmallCourse, make_course
from support.grading_run import warm_pool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
COURSE = "petit-cours"
CANDIDATES = ("games", "news", "mail", "backup", "irc", "proxy")  # accounts of every Debian


# Starts a command under another account. Where the interpreter lies in a closed folder such as /root, the account gets
# a view of the file system in which that folder holds the interpreter and nothing else.
AS_ACCOUNT = """
set -e
uid=$1 gid=$2 hold=$3 closed=$4; shift 4
number=0
for path in $KEEP; do number=$((number + 1)); mkdir -p $hold/$number; mount --rbind $path $hold/$number; done
if [ -n "$closed" ]; then
  mount -t tmpfs -o mode=755 none $closed
  number=0
  for path in $KEEP; do number=$((number + 1)); mkdir -p $path; mount --rbind $hold/$number $path; done
fi
exec setpriv --reuid $uid --regid $gid --clear-groups -- "$@"
"""
CLOSED = next((str(path) for path in reversed(Path(sys.base_prefix).parents) if not path.stat().st_mode & 0o001), "")
KEEP = [
    path
    for path in {sys.base_prefix, sys.prefix, str(Path(errors.__file__).parents[2])}
    if CLOSED and Path(path).is_relative_to(CLOSED)
]


def account_command(uid: int, home: Path, command: tuple[str, ...]) -> list[str]:
    group = str(pwd.getpwuid(uid).pw_gid)
    start = ["env", f"KEEP={' '.join(KEEP)}", "unshare", "--mount", "--propagation", "private"]
    return [*start, "sh", "-c", AS_ACCOUNT, "sh", str(uid), group, f"{home}-hold", CLOSED, *command]


@dataclass(frozen=True)
class Person:
    """A student: an account, and a home with a folder for work and nbgrader's cache."""

    name: str
    home: Path
    uid: int | None = None

    @property
    def work(self) -> Path:
        return self.home / ASSIGNMENT

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as this student, in the home."""
        environment = {
            "HOME": str(self.home),
            "JUPYTER_DATA_DIR": str(self.home / "jupyter"),
            "IPYTHONDIR": str(self.home / "ipython"),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            command if self.uid is None else account_command(self.uid, self.home, command),
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def nbgrader(self, verb: str) -> str:
        named = [] if self.uid is not None else [f"--CourseDirectory.student_id={self.name}"]
        done = self.run(sys.executable, "-m", "nbgrader", verb, ASSIGNMENT, "--course", COURSE, *named)
        return done.stdout + done.stderr

    def answer(self, source: str) -> None:
        path = self.work / NOTEBOOK
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[1].source, notebook.cells[3].source = source, f"{self.name} répond."
        nbformat.write(notebook, path)


@dataclass(frozen=True)
class School:
    """A course, its exchange, and two students."""

    course: SmallCourse
    exchange: Path
    alice: Person
    bruno: Person

    def instructor(self, verb: str, *options: str) -> str:
        command = [sys.executable, "-m", "nbgrader", verb, ASSIGNMENT, *options]
        done = subprocess.run(command, cwd=self.course.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def collect(self, update: bool = False) -> str:
        """Collect in this process, as formgrader's button does; the whole cycle's test uses the command line."""
        result = NbgraderCourse(self.course.root)._api.collect(ASSIGNMENT, update)
        assert result["success"], result
        return str(result["log"])

    def release(self) -> None:
        """Release the assignment, and give the students what fetching would, in less time."""
        assert NbgraderCourse(self.course.root)._api.release_assignment(ASSIGNMENT)["success"]
        for person in (self.alice, self.bruno):
            shutil.copytree(self.course.root / "release" / ASSIGNMENT, person.work)
            for path in (person.work, *person.work.iterdir()):
                os.chown(path, -1 if person.uid is None else person.uid, -1)

    def inbound(self, person: Person) -> list[Path]:
        return sorted((self.exchange / COURSE / "inbound").glob(f"{person.name}+*"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    root = tmp_path_factory.mktemp("exchange") / "course"
    course = make_course(root)
    NbgraderCourse(root).generate_assignment(ASSIGNMENT)
    return course


@pytest.fixture
def school(made: SmallCourse) -> Iterator[School]:
    """Folders that other accounts can reach: pytest's own are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="school-"))
    folder.chmod(0o755)
    try:
        exchange = folder / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)
        shutil.copytree(made.root, folder / "course")
        (folder / "course").chmod(0o700)  # the masters are the instructor's alone
        accounts = _accounts() if os.geteuid() == 0 else []
        people = []
        for name, uid in accounts or (("alice", None), ("bruno", None)):
            home = folder / f"home-{name}"
            (home / "jupyter").mkdir(parents=True)
            config = f'c = get_config()\nc.CourseDirectory.course_id = "{COURSE}"\nc.Exchange.root = "{exchange}"\n'
            (home / "nbgrader_config.py").write_text(config)
            for path in (home, *home.rglob("*")):
                os.chown(path, -1 if uid is None else uid, -1)
            home.chmod(0o700)
            people.append(Person(name, home, uid))
        if accounts and people[0].run(sys.executable, "-c", "import nbgrader", check=False).returncode:
            pytest.skip("other accounts can't run nbgrader here")
        with (folder / "course" / "nbgrader_config.py").open("a") as config_file:
            config_file.write(f'\nc.Exchange.root = "{exchange}"\nc.ExchangeCollect.check_owner = {bool(accounts)}\n')
        yield School(SmallCourse(folder / "course"), exchange, *people)
    finally:
        shutil.rmtree(folder)


def _accounts() -> list[tuple[str, int]]:
    found = []
    for name in CANDIDATES:
        try:
            found.append((name, pwd.getpwnam(name).pw_uid))
        except KeyError:
            continue
    return found[:2] if len(found) > 1 else []


def test_from_release_to_feedback(school: School) -> None:
    """Two students fetch, answer and submit; both are graded, and each fetches the own page and nobody else's."""
    school.instructor("release_assignment")
    for person in (school.alice, school.bruno):
        person.nbgrader("fetch_assignment")
    school.alice.answer(RIGHT)
    school.bruno.answer(HALF)
    for person in (school.alice, school.bruno):
        person.nbgrader("submit")
    school.instructor("collect")
    settings = read_settings(school.course.root)
    run = Run(settings, ASSIGNMENT, Options())
    run.grade(run.plan()[0], warm_pool())
    marks = read_marks(settings.db_url, ASSIGNMENT)
    assert {name: one.notebooks[ASSIGNMENT].score for name, one in marks.items()} == {
        school.alice.name: 4.0,
        school.bruno.name: 2.0,
    }
    for person in (school.alice, school.bruno):
        NbgraderCourse(school.course.root).generate_feedback(ASSIGNMENT, person.name)
    school.instructor("release_feedback")
    for person, other in ((school.alice, school.bruno), (school.bruno, school.alice)):
        person.nbgrader("fetch_feedback")
        (page,) = person.work.rglob("*.html")
        text = page.read_text(encoding="utf-8")
        assert f"{person.name} répond" in text
        assert f"{other.name} répond" not in text
    if school.alice.uid is not None:
        secrets = school.exchange / COURSE / "feedback"
        assert school.alice.run("ls", str(secrets), check=False).returncode != 0
        assert school.alice.run("ls", str(school.course.root), check=False).returncode != 0


def test_time_is_the_servers(school: School) -> None:
    """A student who sets timestamp.txt and the folder's own time back is as late as the files' arrival says."""
    school.release()
    begun = datetime.now(UTC).replace(microsecond=0)
    school.alice.answer(RIGHT)
    school.alice.nbgrader("submit")
    (folder,) = school.inbound(school.alice)
    forged = folder.with_name(f"{school.alice.name}+{ASSIGNMENT}+2020-01-01 00:00:00 UTC+AAAA")
    program = (
        "import os, sys; folder, forged = sys.argv[1:]\n"
        "open(folder + '/timestamp.txt', 'w').write('2020-01-01 00:00:00 UTC')\n"
        "for name in os.listdir(folder): os.utime(folder + '/' + name, (0, 0))\n"
        "os.utime(folder, (0, 0)); os.rename(folder, forged)\n"
    )
    school.alice.run(sys.executable, "-c", program, str(folder), str(forged))
    time.sleep(1.1)  # work is collected after it arrived
    school.collect()
    key = school.alice.name, ASSIGNMENT
    received = read_receipts(school.course.root)[key]
    assert begun <= received <= datetime.now(UTC)
    there = (school.course.root / "submitted" / school.alice.name / ASSIGNMENT / "timestamp.txt").read_text()
    assert there == f"{received:%Y-%m-%d %H:%M:%S} UTC\n"
    due = begun - timedelta(hours=30)
    NbgraderCourse(school.course.root).set_due_date(ASSIGNMENT, due.isoformat())
    settings = read_settings(school.course.root)
    run = Run(settings, ASSIGNMENT, Options())
    run.grade(run.plan()[0], warm_pool())
    late = read_marks(settings.db_url, ASSIGNMENT)[school.alice.name].late_s
    assert timedelta(hours=30).total_seconds() <= late < timedelta(hours=31).total_seconds()


def test_the_last_work_is_collected(school: School) -> None:
    """Work handed in again is collected when asked for, by the time it arrived and not the one that it claims."""
    school.release()
    school.alice.answer(HALF)
    school.alice.nbgrader("submit")
    school.collect()
    (first,) = school.inbound(school.alice)
    future = first.with_name(f"{school.alice.name}+{ASSIGNMENT}+2099-01-01 00:00:00 UTC+AAAA")
    school.alice.run("mv", str(first), str(future))
    time.sleep(1.1)
    school.alice.answer(RIGHT)
    school.alice.nbgrader("submit")
    before = read_receipts(school.course.root)
    school.collect()
    assert read_receipts(school.course.root) == before
    school.collect(update=True)
    text = (school.course.root / "submitted" / school.alice.name / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    assert "return 2 * n" in text
    assert read_receipts(school.course.root)[school.alice.name, ASSIGNMENT] > before[school.alice.name, ASSIGNMENT]


def test_links_and_other_peoples_names(school: School) -> None:
    """A link to the master, a hard link and a name that is not a time are no work; a neighbour's name is refused."""
    school.release()
    for person in (school.alice, school.bruno):
        person.answer(HALF)
        person.nbgrader("submit")
    (folder,) = school.inbound(school.alice)
    inbound = school.exchange / COURSE / "inbound"
    master = school.course.root / "source" / ASSIGNMENT / NOTEBOOK
    program = (
        "import os, sys; folder, master, forged = sys.argv[1:]\n"
        "os.remove(folder + '/' + 'petit.ipynb'); os.symlink(master, folder + '/petit.ipynb')\n"
        "os.symlink('/etc', folder + '/etc'); os.mkfifo(folder + '/pipe')\n"
        "os.link(folder + '/submission_secret.txt', folder + '/hard.txt')\n"
        "os.mkdir(forged); open(forged + '/petit.ipynb', 'w').write('{}')\n"
    )
    forged = inbound / f"{school.bruno.name}+{ASSIGNMENT}+not a time"
    school.alice.run(sys.executable, "-c", program, str(folder), str(master), str(forged))
    log = school.collect()
    collected = school.course.root / "submitted"
    assert {path.name for path in (collected / school.alice.name / ASSIGNMENT).rglob("*")} == {"timestamp.txt"}
    assert "sans suivre de lien" in log
    if school.alice.uid is not None:
        assert f"claims to be submitted by {school.bruno.name}" in log
        text = (collected / school.bruno.name / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
        assert "return n + 2" in text
