"""The demo class, from release to grades.csv: what `make demo` shows."""

import csv
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from closed_doors.core.layout import Layout
from closed_doors.demo.play import play


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_class_gets_the_expected_marks(repository: Layout, tmp_path: Path) -> None:
    """Every mark is the expected one, the unreadable file is reported, and the class goes on."""
    console = Console(record=True, width=200, file=io.StringIO())
    as_expected = play(repository, "masque_causal", tmp_path / "demo", console=console)
    text = console.export_text()
    assert as_expected, text
    assert "n'est pas du JSON" in text
    assert "late by 7.5 h" in text
    with (tmp_path / "demo" / "grades.csv").open(encoding="utf-8") as stream:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(stream)}
    assert len(scores) == 18
    assert scores["chloe"] == 19.5
    pages = list((tmp_path / "demo" / "feedback").glob("*/masque_causal/masque_causal.html"))
    assert len(pages) == 18  # who handed in no notebook reads so
    hinted = (tmp_path / "demo" / "feedback" / "paula" / "masque_causal" / "masque_causal.html").read_text("utf-8")
    assert "Piste" in hinted, "paula's index −1 is a known idea"
    addresses = re.findall(r"file://\S+", text)
    assert len(addresses) == 1
    dashboard = Path(addresses[0].removeprefix("file://"))
    assert dashboard.read_text("utf-8").count("feedback/") >= len(pages)
    assert "Réponse proche" in dashboard.read_text("utf-8"), "karim handed in what alice wrote"


@pytest.mark.slow
def test_a_wrong_expectation_is_seen(course_copy: Layout, tmp_path: Path) -> None:
    """The demo fails, and marks the row, when a mark is not the expected one."""
    path = course_copy.examples / "masque_causal" / "class.toml"
    text = path.read_text(encoding="utf-8").replace("expected = 0.0", "expected = 1.0")
    path.write_text(text, encoding="utf-8")
    console = Console(record=True, width=200, file=io.StringIO())
    assert not play(course_copy, "masque_causal", tmp_path / "demo", ["jules"], console)
    assert "1 mark is not the expected one" in console.export_text()


def test_the_second_demo_replaces_the_first_and_nothing_else(course_copy: Layout, tmp_path: Path) -> None:
    """A scratch folder that no demo made is left alone."""
    from closed_doors.core.errors import CourseError

    (tmp_path / "precious.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(CourseError, match="no demo made it"):
        play(course_copy, "masque_causal", tmp_path, ["jules"], Console(quiet=True))
    assert (tmp_path / "precious.txt").exists()
