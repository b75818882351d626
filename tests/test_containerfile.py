"""deploy/Containerfile, step by step in a bare Debian root, up to a graded class; no builder of images is needed.

BARE_ROOT names the root, which is copied, and takes the place of the image that the file begins with. Without one the
test is skipped: debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm $BARE_ROOT
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from closed_doors.classroom.class_run import Options
from support.courses import ASSIGNMENT, SmallCourse
from support.grading_run import autograde
from tests.conftest import ROOT

BARE = Path(os.environ.get("BARE_ROOT", "/nonexistent"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not (BARE / "usr").is_dir() or os.geteuid() != 0, reason="there is no bare root here"),
]


@dataclass
class Image:
    """A root in which a Containerfile's steps are run."""

    root: Path
    folder: str = "/"
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    )

    def build(self, text: str) -> None:
        """Run the steps of a file: those that this course's has."""
        joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
        for word, rest in re.findall(r"^([A-Z]+) (.+)$", joined, re.MULTILINE):
            if word == "RUN":
                done = self.run("sh", "-c", rest)
                assert done.returncode == 0, f"{rest}\n{done.stdout}{done.stderr}"
            elif word == "COPY":
                self._copy(*rest.split())
            elif word == "WORKDIR":
                self.folder = rest
                (self.root / rest[1:]).mkdir(parents=True, exist_ok=True)
            elif word in ("ENV", "ARG"):
                name, _, value = rest.partition("=")
                self.environment[name] = os.path.expandvars(value.replace("$PATH", self.environment["PATH"]))
            else:
                assert word in ("FROM", "ENTRYPOINT", "CMD"), word

    def run(self, *command: str, course: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command as root in the root, which is a mount of its own as in a container."""
        binds = ["--bind", self.root, "/", "--dev", "/dev", "--bind", "/proc", "/proc", "--ro-bind", "/sys", "/sys"]
        binds += [part for path in _of_package_managers() for part in ("--ro-bind", path, path)]
        binds += ["--bind", course, "/course"] if course else []
        said = {**self.environment, **{name: value for name, value in os.environ.items() if name.startswith("PIP_")}}
        variables = [part for name, value in said.items() for part in ("--setenv", name, value)]
        place = ["--chdir", "/course" if course else self.folder]
        whole = ["bwrap", *binds, "--cap-add", "ALL", "--clearenv", *variables, *place, *command]
        return subprocess.run(list(map(str, whole)), capture_output=True, text=True, check=False)

    def _copy(self, *words: str) -> None:
        *sources, target = words
        place = Path(self.folder, target)
        for source in sources:
            tracked = subprocess.run(
                ["git", "ls-files", "-z", source], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout.split("\0")
            for name in filter(None, tracked):
                inside = Path(name).relative_to(source) if (ROOT / source).is_dir() else Path(name).name
                path = self.root / str(place / inside)[1:]
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path)


def _of_package_managers() -> list[str]:
    """What tells this machine's apt and pip where packages come from."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    local = re.findall(r"(?:(?<=')|(?<= )|file://)(/[^'\s]+)", said.stdout)
    folders = [str(Path(path).parent if Path(path).name == "simple" else path) for path in local]
    settings = [
        "/etc/resolv.conf",
        "/etc/pip.conf",
        "/etc/xdg/pip",
        "/etc/apt",
        "/etc/ssl",
        "/usr/share/ca-certificates",
    ]
    return [path for path in dict.fromkeys([*settings, *folders]) if Path(path).exists()]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The image, built."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    root = tmp_path_factory.mktemp("image") / "root"
    subprocess.run(["cp", "-a", BARE, root], check=True)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")  # as the image has it that the file begins with
    made = Image(root)
    made.build((ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"))
    yield made
    shutil.rmtree(root)


def test_the_image_grades_a_class(image: Image, class_of_four: SmallCourse) -> None:
    """Its doctor finds nothing in the way, and its marks are those of this environment."""
    entry = re.search(
        r"^ENTRYPOINT (.+)$", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert entry is not None
    (program,) = shlex.split(entry[1].strip("[]"))
    for words in (["doctor"], ["autograde", ASSIGNMENT]):
        done = image.run(program, *words, course=class_of_four.root)
        assert done.returncode == 0, done.stdout + done.stderr
    inside = class_of_four.everything()
    assert class_of_four.grades()["alice", "verification"][0] == 4
    autograde(class_of_four, Options(force=True))
    assert class_of_four.everything() == inside
