"""What `make lint` reads: every Python file that is not a student's answer."""

import subprocess
import sys
import tomllib
from fnmatch import fnmatch

from closed_doors.core.layout import Layout

# Students write as they do; notebooks' own modules are generated.
ANSWERS = ("examples/*/answers/*", "tests/answers/*/*/*")


def tracked_python(repository: Layout) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py", "*.pyi"],
        cwd=repository.root, capture_output=True, check=True, text=True,
    )  # fmt: skip
    files = {name for name in listed.stdout.split("\0") if (repository.root / name).is_file()}
    return {name for name in files if not any(fnmatch(name, pattern) for pattern in ANSWERS)}


def test_every_python_file_is_linted_and_formatted(repository: Layout) -> None:
    """Ruff reads every Python file in git but answers: an exclusion that hides a room of ours is found here."""
    ours = tracked_python(repository)
    assert len(ours) > 200
    shown = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--show-files", "."],
        cwd=repository.root, capture_output=True, check=True, text=True,
    )  # fmt: skip
    read = {line.removeprefix(f"{repository.root}/") for line in shown.stdout.splitlines()}
    assert not ours - read


def test_nothing_is_left_out_of_one_of_the_two(repository: Layout) -> None:
    """What ruff excludes, it excludes for the linter and the formatter alike, so that one list shows both."""
    for path in ("pyproject.toml", "closed-doors/pyproject.toml"):
        ruff = tomllib.loads((repository.root / path).read_text(encoding="utf-8")).get("tool", {}).get("ruff", {})
        assert not ruff.get("lint", {}).get("exclude"), path
        assert not ruff.get("format", {}).get("exclude"), path


def test_types_and_sizes_are_looked_at_wherever_our_code_stands(repository: Layout) -> None:
    """mypy and the bound on complexity name the folders that hold modules of ours."""
    tools = tomllib.loads((repository.root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    for name in tracked_python(repository):
        if "src/" in name:
            assert any(name.startswith(f"{folder}/") for folder in tools["mypy"]["files"]), name
        if not name.startswith("masters/") and "/" in name:
            assert any(name.startswith(f"{folder}/") for folder in tools["complexipy"]["paths"]), name
