"""A JupyterLab with nbgrader's extensions, a headless Chromium, and the pages that students and TAs see."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
LAB_SETTINGS = {
    "@jupyterlab/translation-extension:plugin": {"locale": "fr_FR"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    # Every cell is in the page, also those far from the view, which JupyterLab otherwise leaves out.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests where there is no browser to drive; the continuous integration installs one."""
    if CHROMIUM is None:
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, in French, of a laptop's size."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="fr-FR")
    yield context.new_page()
    context.close()


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Take a screenshot for the guides, where SCREENSHOTS names a folder (see `make screenshots`)."""
    folder = os.environ.get("SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


class Watch:
    """Hears what must not happen on a page: scripts of a submission, errors in the console, requests to elsewhere.

    Attributes:
        fired: numbers of the payloads that ran, or the text of a dialog.
        errors: what the console and the page's scripts complained about.
        elsewhere: addresses asked for that are not this machine's.
    """

    def __init__(self, page: Page) -> None:
        self.fired: list[object] = []
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        page.expose_function("fired", lambda what: self.fired.append(what))
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("request", self._requested)
        page.on("requestfailed", self._failed)

    def _dialog(self, dialog: Dialog) -> None:
        self.fired.append(dialog.message)
        dialog.dismiss()

    def _requested(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.hostname != "127.0.0.1" and url.scheme not in ("data", "blob", "file"):
            self.elsewhere.append(request.url)

    def _failed(self, request: Request) -> None:
        """Forget a request that the page's own policy kept from leaving."""
        if request.failure == "csp" and request.url in self.elsewhere:
            self.elsewhere.remove(request.url)


@pytest.fixture
def watch(page: Page) -> Watch:
    """What happens on the page."""
    return Watch(page)


@contextlib.contextmanager
def jupyter_lab(root: Path, home: Path) -> Iterator[Callable[[str], str]]:
    """Run JupyterLab on `root` with a home of its own; yields a function from a path to its address."""
    settings = home / "config" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(LAB_SETTINGS), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [
        *(
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ServerApp.ip=127.0.0.1",
        ),
        *(f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={token}"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    log = home / "lab.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=stream, stderr=stream)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, log)
        yield lambda path: f"http://127.0.0.1:{port}/{path}?token={token}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")
