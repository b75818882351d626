"""Hints that a student's notebook finds by itself: what a known wrong answer gives opens one, and nothing else does."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from checks.public_hints import FILE, hints_for, key_of, outputs_of, sealed
from support.check_cells import graded
from support.student_kernels import StudentKernel, student_kernel

HINT = "les lignes et les colonnes semblent échangées."
CALLS = ["mask(3)", "mask(np.int64(4))", "mask(-1)"]
SALT = b"0123456789abcdef"
RIGHT = "def mask(n):\n    if n < 0:\n        raise ValueError('n')\n    return np.tril(np.ones((n, n)))"
WRONG = RIGHT.replace("tril", "triu")
CHECK = '''
def test_mask():
    """La forme est celle d'un escalier."""
    assert (mask(2) == np.array([[1, 0], [1, 1]])).all()

run_tests(points=2)
'''


def function(source: str) -> dict[str, object]:
    names: dict[str, object] = {"np": np, "torch": torch}
    exec(source, names)
    return names


def write(folder: Path) -> Path:
    """Write a file that knows one wrong answer."""
    tag, key = key_of(SALT, "mask", outputs_of(function(WRONG), "import numpy as np", CALLS))
    known = {tag.hex(): sealed(key, HINT)}
    row = {"name": "mask", "imports": "import numpy as np", "calls": CALLS, "known": known}
    path = folder / FILE
    path.write_text(json.dumps({"salt": SALT.hex(), "functions": [row]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "is_known"),
    [
        (WRONG, True),
        (WRONG.replace("np.ones((n, n))", "np.ones((int(n), int(n)), bool)"), True),
        (WRONG.replace("np.triu(np.ones((n, n)))", "torch.ones(n, n, requires_grad=True).triu()"), True),
        (WRONG.replace("np.triu(np.ones((n, n)))", "np.triu(np.ones((n, n), np.float32) + 1e-7).tolist()"), True),
        (RIGHT, False),
        (WRONG.replace("ValueError", "TypeError"), False),
        ("def mask(n):\n    return None", False),
        ("def mask(n):\n    return 'rien'", False),
        ("def mask(n):\n    return [[1], [1, 2]]", False),
        ("def mask(n):\n    return object()", False),
        ("mask = 3", False),
    ],
)
def test_only_what_a_known_answer_gives_opens_its_hint(tmp_path: Path, source: str, is_known: bool) -> None:
    """Whatever holds the numbers, and up to rounding; a right answer, another wrong one and no function get none."""
    found = hints_for(function(source), {"mask"}, write(tmp_path))
    assert found == ((f"Piste\u00a0: {HINT}",) if is_known else ())


def test_a_function_that_no_missed_test_uses_is_not_asked(tmp_path: Path) -> None:
    """Neither is one that does not exist yet."""
    path = write(tmp_path)
    assert hints_for(function(WRONG), {"other"}, path) == ()
    assert hints_for({}, {"mask"}, path) == ()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other(path: Path) -> None:
    path.write_text('{"salt": "zz", "functions": 3}', encoding="utf-8")


def _list(path: Path) -> None:
    path.write_text("[]", encoding="utf-8")


@pytest.mark.parametrize("spoil", [Path.unlink, _empty, _other, _list])
def test_a_file_that_is_missing_or_spoilt_says_nothing(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """Hints are an extra: without their file there are none, and no error."""
    path = write(tmp_path)
    spoil(path)
    assert hints_for(function(WRONG), {"mask"}, path) == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"version": 2, "hints": {}}',
        '{"salt": "00", "functions": [1]}',
        '{"salt": "00", "functions": [{"name": "mask", "imports": "1 +", "calls": [], "known": {}}]}',
        '{"salt": "00", "functions": [{"name": "mask", "imports": "raise SystemExit", "calls": [], "known": {}}]}',
        '{"salt": "00", "functions": [{"name": "mask", "imports": "", "calls": ["1 +", 2], "known": {}}]}',
        " " * 6_000_000,
    ],
    ids=["deep", "version", "rows", "syntax", "exit", "calls", "huge"],
)
def test_a_file_of_any_content_leaves_the_check_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A damaged file, one of another version, a huge one: the report is the one that a notebook without hints shows."""
    monkeypatch.chdir(tmp_path)
    answer, tests = f"import numpy as np\n{WRONG}", CHECK.partition("run_tests")[0]
    without = graded(answer, tests)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert graded(answer, tests).text == without.text
    assert "0 critère réussi sur 1" in without.text


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "GeneratorExit", "BaseException", "SystemExit"])
def test_nothing_that_the_function_raises_for_a_hint_stops_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: str
) -> None:
    """A hint calls the function again, where no test did: the report is shown all the same."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    answer = f"import numpy as np\ndef mask(n):\n    if n != 2: raise {raised}\n    return np.zeros((2, 2))"
    assert "0 critère réussi sur 1" in graded(answer, CHECK.partition("run_tests")[0]).text


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudentKernel]:
    """A notebook with the file beside it."""
    folder = tmp_path_factory.mktemp("notebook")
    write(folder)
    with student_kernel(folder, notebook=folder / "devoir.ipynb") as kernel:
        assert not kernel.run("import numpy as np\nfrom checks import run_tests", "setup").error
        yield kernel


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "is_told"),
    [
        (WRONG, True),
        (RIGHT, False),
        ("def mask(n):\n    raise NotImplementedError()", False),
        (WRONG.replace("if n < 0:", "while n > 2:\n        pass\n    if n < 0:"), False),
    ],
    ids=["wrong", "right", "stub", "endless"],
)
def test_a_missed_check_shows_the_hint(kernel: StudentKernel, source: str, is_told: bool) -> None:
    """Below the criteria, and only where one was missed for what the function gives; an endless call costs the hint."""
    kernel.run(source, "answer")
    shown = kernel.run(CHECK.replace("points=2", "points=2, timeout_s=2"), "check")
    assert not shown.error
    assert (f"Piste : {HINT}" in shown.text) is is_told
    assert shown.text.count("✓") == (source is RIGHT)
