"""Students' machines: the same ticks and the same words wherever Jupyter runs."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.utils import determine_grade

import checks
from checks.catalogues import as_handed_out
from checks.public_hints import FILE, key_of, outputs_of, sealed
from support.student_kernels import LINUX, MACOS, WINDOWS, Shown, student_kernel

OLDEST_NUMPY = "2.0.0"
PACKAGE = Path(str(checks.__file__)).parent
SETUP = "import os\nimport numpy as np\nfrom checks import run_tests, weight"
RIGHT = "def mask(n):\n    return np.tri(n)"
WRONG = [
    "def mask(n):\n    return np.tri(n).T",
    "def mask(n):\n    return np.tri(n)[:, :1]",
    "def mask(n):\n    return np.tri(m)",
    "def mask(n):\n    while True:\n        pass",
    "def mask(n):\n    while True:\n        try:\n            n += 1\n        except BaseException:\n            pass",
    "def mask(n):\n    raise SystemExit",
    "def mask(n):\n    return None",
    "raise NotImplementedError()",
]
CHECK = '''
def test_values():
    """Les valeurs sont justes."""
    np.testing.assert_array_equal(mask(2), [[1, 0], [1, 1]])

def test_shape():
    """La forme est juste."""
    assert mask(3).shape == (3, 3)

run_tests(points=3, timeout_s=1)
'''


HINT = "les lignes et les colonnes sont échangées."


def hints() -> str:
    """A file of hints that knows the first wrong answer."""
    names: dict[str, object] = {"np": np}
    exec(WRONG[0], names)
    calls = ["mask(5)", "mask(-1)"]
    tag, key = key_of(b"salt", "mask", outputs_of(names, "", calls))
    row = {"name": "mask", "imports": "", "calls": calls, "known": {tag.hex(): sealed(key, HINT)}}
    return json.dumps({"salt": b"salt".hex(), "functions": [row]})


def shown(folder: Path, platform: str, other_thread: bool) -> list[Shown]:
    """What the checks show of the right answer and of every wrong one, in one kernel."""
    (folder / FILE).write_text(hints(), encoding="utf-8")
    with student_kernel(folder, platform, other_thread=other_thread) as kernel:
        setup = kernel.run(SETUP, "setup")
        assert not setup.error
        found = []
        for answer in [RIGHT, *WRONG]:
            kernel.run("mask = None; del mask", "forget")
            kernel.run(answer, "answer")
            found.append(kernel.run(CHECK, "check"))
        return found


@pytest.fixture(scope="module")
def on_linux(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """What an ordinary kernel shows."""
    return shown(tmp_path_factory.mktemp("linux"), LINUX, other_thread=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("platform", "other_thread"), [(WINDOWS, False), (MACOS, False), (LINUX, True), (WINDOWS, True)]
)
def test_every_platform_shows_the_same(
    tmp_path: Path, on_linux: list[Shown], platform: str, other_thread: bool
) -> None:
    """Without Unix's timer, fork and modules, and outside the main thread: the same signs, words, points and hints."""
    assert shown(tmp_path, platform, other_thread) == on_linux
    assert on_linux[0].text.count("✓") == 2
    assert [f"Piste : {HINT}" in one.text for one in on_linux] == [False, True] + [False] * (len(WRONG) - 1)
    assert all("✗" in one.text and not one.error for one in on_linux[1:])


@pytest.mark.slow
def test_the_oldest_numpy_shows_the_same(tmp_path: Path, on_linux: list[Shown]) -> None:
    """A student's NumPy may be the first of its second generation, which writes some of its messages otherwise."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
    place = tmp_path / "numpy"
    got = subprocess.run(
        [*pip, "--target", str(place), f"numpy=={OLDEST_NUMPY}"], capture_output=True, text=True, check=False
    )
    if got.returncode:
        pytest.skip(f"NumPy {OLDEST_NUMPY} can't be had here: {got.stderr.strip()[-200:]}")
    before = (
        f"import sys; sys.path.insert(0, {str(place)!r})\nimport numpy\nassert numpy.__version__ == {OLDEST_NUMPY!r}"
    )
    assert shown(tmp_path, before, other_thread=False) == on_linux


@pytest.mark.slow
def test_points_are_read_by_nbgrader_and_not_shown_twice(on_linux: list[Shown]) -> None:
    """The result's plain text is nbgrader's partial credit; its HTML, which Jupyter prefers, is empty."""
    for one, points in [(on_linux[0], 3.0), (on_linux[1], 1.5)]:
        (data,) = one.results
        assert data["text/html"] == ""
        output = nbformat.v4.new_output("execute_result", data, execution_count=1)
        printed = nbformat.v4.new_output("stream", text=one.text)
        marks = {"grade": True, "solution": False, "points": 3, "grade_id": "check", "locked": True}
        cell = nbformat.v4.new_code_cell(CHECK, metadata={"nbgrader": marks}, outputs=[printed, output])
        assert determine_grade(cell) == (points, 3.0)


PLAIN = '''
from checks import run_tests
exec(compile("def double(x):\\n    return {factor} * x", "answer", "exec"))
def test_one():
    """L'élève voit un masque."""
    assert double(1) == 2
print(float(run_tests(points=2)))
'''


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_an_output_without_the_signs_shows_others(tmp_path: Path, encoding: str) -> None:
    """A Windows terminal's encoding has no ✓: a plainer sign stands there, and nothing fails."""
    script = tmp_path / "script.py"
    script.write_text(PLAIN.format(factor=2), encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, env=environment, check=True)
    text = done.stdout.decode(encoding)
    assert text.startswith("✓ L'élève" if encoding == "utf-8" else "[oui] L'")
    assert text.endswith("2.0\n")


def test_the_package_is_written_for_python_3_10() -> None:
    """Its syntax is that of the oldest Python a student may have."""
    for path in PACKAGE.glob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_other_pythons_run_it(tmp_path: Path, version: str) -> None:
    """Right and wrong answers under each Python that is installed here, with the package as it is handed out."""
    homes = [Path(path) for path in os.environ.get("PATH", "").split(os.pathsep)]
    homes += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"))
    found = [path for home in homes if "shims" not in home.parts and (path := home / f"python{version}").is_file()]
    if not found:
        pytest.skip(f"no Python {version} here")
    python = str(found[0])
    shutil.copytree(PACKAGE, tmp_path / "checks", ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    name, content = as_handed_out("fr")
    (tmp_path / "checks" / name).write_bytes(content)
    for factor, ending in [(2, "✓ L'élève voit un masque."), (3, "double(1) : attendu 2, obtenu 3.")]:
        script = tmp_path / "script.py"
        script.write_text(PLAIN.format(factor=factor), encoding="utf-8")
        done = subprocess.run([python, str(script)], capture_output=True, encoding="utf-8", check=False)
        assert ending in done.stdout, done.stderr
