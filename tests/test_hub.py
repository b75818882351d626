"""deploy/hub through a real JupyterHub: log in, fetch, work, submit, be graded live, read the feedback.

HUB_ENVIRONMENT names a folder with `env` (an environment with jupyterhub beside nbgrader and the grader) and
`node_modules` (configurable-http-proxy); without one the tests are skipped. Accounts are the hub's own there, and all
run as whoever runs the tests: what accounts of the machine keep from each other is tried in test_exchange.py.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import requests

from closed_doors.nbgrader.api import NbgraderCourse
from support.courses import ASSIGNMENT, HALF, SmallCourse
from tests.conftest import ROOT

ENVIRONMENT = Path(os.environ.get("HUB_ENVIRONMENT", "/nonexistent"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (ENVIRONMENT / "env" / "bin" / "jupyterhub").exists(), reason="there is no JupyterHub here"),
]
COURSE, TEACHER, PASSWORD = "petit-cours", "dupont", "secret"
LONG_S = 240.0
HERE = """
from pathlib import Path
load_subconfig("jupyterhub_config.py")
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.notebook_dir = ""
c.Spawner.args = ["--allow-root"]
c.Spawner.environment = {{
    "JUPYTER_CONFIG_PATH": "{folder}/students", "PATH": "{path}", "JUPYTER_DATA_DIR": "",
    "JUPYTER_PREFER_ENV_PATH": "0",
}}
c.Spawner.environment["JUPYTER_DATA_DIR"] = lambda spawner: f"{folder}/home/{{spawner.user.name}}/data"
c.JupyterHub.services[0]["command"].append("--allow-root")
c.JupyterHub.services[1]["command"] += ["--listen", "127.0.0.1:0"]
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
"""


@dataclass
class Hub:
    url: str
    course: SmallCourse
    home: Path
    log: Path

    def wait(self, look: Callable[[], object]) -> object:
        until = time.monotonic() + LONG_S
        while not (found := look()):
            said = self.log.read_text()
            assert time.monotonic() < until, said[-6000:]
            assert "Failed to start service" not in said, said[-6000:]
            time.sleep(0.3)
        return found

    def login(self, name: str) -> requests.Session:
        session = requests.Session()
        session.get(f"{self.url}/hub/login", timeout=60)
        form = {"username": name, "password": PASSWORD, "_xsrf": session.cookies["_xsrf"]}
        answer = session.post(f"{self.url}/hub/login?next=%2Fhub%2Fhome", data=form, timeout=60)
        assert answer.status_code == 200, answer.text
        return session


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def hub(registered: SmallCourse, tmp_path: Path) -> Iterator[Hub]:
    folder, port = tmp_path, free_port()
    course = SmallCourse(folder / "course")
    shutil.copytree(registered.root, course.root)
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.Exchange.root = "{exchange}"\nc.ExchangeCollect.check_owner = False\n')
    (course.root / "course.toml").write_text('[serve]\nfeedback = "at once"\n')
    NbgraderCourse(course.root).generate_assignment(ASSIGNMENT)
    assert NbgraderCourse(course.root)._api.release_assignment(ASSIGNMENT)["success"]
    (folder / "students").mkdir()
    students = (ROOT / "deploy/hub/student_nbgrader_config.py").read_text()
    students = students.replace("masque-causal", COURSE).replace("/srv/exchange", str(exchange))
    (folder / "students" / "nbgrader_config.py").write_text(students)
    (folder / "home").mkdir()
    shutil.copy(ROOT / "deploy/hub/jupyterhub_config.py", folder)
    facts = {
        "/srv/course/.venv": ENVIRONMENT / "env",
        "/opt/students/course": folder,
        "/opt/students": ENVIRONMENT / "env",
        "/srv/course": course.root,
        "/srv/hub/node_modules": ENVIRONMENT / "node_modules",
        "/srv/hub": folder,
        "http://127.0.0.1:8000": f"http://127.0.0.1:{port}",
        '"masque-causal"': f'"{COURSE}"',
        '"grader"': f'"{os.environ.get("USER") or "root"}"',
        "9999": str(free_port()),
    }
    text = (ROOT / "deploy/hub/hub.toml").read_text()
    text = re.sub("|".join(map(re.escape, facts)), lambda found: str(facts[found[0]]), text)
    (folder / "hub.toml").write_text(text)
    path = f"{ENVIRONMENT}/env/bin:{os.environ['PATH']}"
    ports = {"hub_port": free_port(), "proxy_port": free_port()}
    (folder / "here.py").write_text(HERE.format(folder=folder, password=PASSWORD, path=path, **ports))
    log = folder / "hub.log"
    with log.open("wb") as stream:
        command = [ENVIRONMENT / "env" / "bin" / "jupyterhub", "-f", "here.py"]
        process = subprocess.Popen(
            command, cwd=folder, stdout=stream, stderr=stream, env={**os.environ, "PATH": path}, start_new_session=True
        )
    found = Hub(f"http://127.0.0.1:{port}", course, folder / "home", log)
    try:
        found.wait(lambda: process.poll() is None and '"event": "serving"' in log.read_text())
        yield found
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_from_log_in_to_feedback(hub: Hub) -> None:
    """Work is graded live, its page fetched where the notebook says; only the staff gets to formgrader and the desk."""
    student = hub.login("alice")
    student.post(f"{hub.url}/hub/spawn/alice", params={"_xsrf": student.cookies["_xsrf"]}, timeout=LONG_S)
    server = f"{hub.url}/user/alice"

    def ready() -> object:
        return "assignment" in student.get(f"{server}/assignments?course_id={COURSE}", timeout=LONG_S).text

    hub.wait(ready)

    def ask(verb: str) -> list[dict[str, object]]:
        xsrf = next(each.value for each in student.cookies if each.name == "_xsrf" and each.path == "/user/alice/")
        form = {"course_id": COURSE, "assignment_id": ASSIGNMENT}
        answer = student.post(f"{server}/assignments/{verb}", data=form, headers={"X-XSRFToken": xsrf}, timeout=LONG_S)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"], answer.text
        return list(answer.json()["value"])

    ask("fetch")
    work = hub.home / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = nbformat.read(work, as_version=4)
    assert "Assignment List" in notebook.cells[-1].source
    notebook.cells[1].source = HALF
    nbformat.write(notebook, work)
    ask("submit")

    def told() -> object:
        ask("fetch_feedback")
        return list((hub.home / "alice" / ASSIGNMENT / "feedback").rglob("*.html"))

    (page,) = hub.wait(told)  # type: ignore[misc]
    assert "Le double" in page.read_text(encoding="utf-8")
    place = f"{hub.url}/services/formgrader-{COURSE}/formgrader/api/assignments"
    assert student.get(place, timeout=LONG_S).status_code == 403
    desk = f"{hub.url}/services/formgrader-{COURSE}/desk/"
    assert student.get(desk, timeout=LONG_S).status_code == 403
    teacher = hub.login(TEACHER)
    teacher.get(f"{hub.url}/services/formgrader-{COURSE}/formgrader", timeout=LONG_S)
    listed = teacher.get(place, timeout=LONG_S)
    assert listed.status_code == 200, listed.text
    assert [each["name"] for each in listed.json()] == [ASSIGNMENT]
    assert listed.json()[0]["num_submissions"] == 1
    shown = teacher.get(desk, timeout=LONG_S)
    assert (shown.status_code, shown.url) == (200, desk), shown.text
    assert ASSIGNMENT in shown.text
