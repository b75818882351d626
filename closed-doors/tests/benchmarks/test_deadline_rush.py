"""The simulated hour before a deadline: its queue is the real one, and its figures are those of everybody."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.postgresql import BINARIES

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "deadline_rush.py"


@pytest.mark.parametrize(
    ("database", "way"),
    [
        pytest.param("sqlite", ("--by-http",), id="SQLite, by HTTP"),
        pytest.param(
            "postgresql",
            ("--fsync", "5"),
            marks=pytest.mark.skipif(BINARIES is None, reason="PostgreSQL is not installed"),
            id="PostgreSQL, by the exchange",
        ),
    ],
)
def test_everybody_is_graded_once_and_has_waited(database: str, way: tuple[str, ...], tmp_path: Path) -> None:
    """Each work is claimed by one machine and is done, its page comes after it, and more people wait no shorter."""
    figure = tmp_path / "rush.png"
    command = [sys.executable, SCRIPT, "--students", "60", "--machines", "3", "--database", database, *way]
    done = subprocess.run([*command, "--json", "--figure", figure], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["works in the real queue"] == {"graded, claimed 1 times": 60}
    waited, queued = found["from hand-in to page_s"], found["from hand-in to queue_s"]
    assert list(waited) == ["p50", "p90", "p95", "p99", "longest"]
    for times in (waited, queued, found["claim_s"], found["finish_s"]):
        assert sorted(times.values()) == list(times.values())
    assert 0 < queued["p50"] < waited["p50"]
    assert found["machine hours"] >= 3
    assert figure.read_bytes().startswith(b"\x89PNG")
