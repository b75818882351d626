"""Times of grading, a line each, as whatever a killed run left."""

from pathlib import Path

from closed_doors.grading.verdict.timings import note_timing, read_timings


def test_the_last_line_counts(tmp_path: Path) -> None:
    """A notebook that was graded twice took what the second time took; any id comes back as it was."""
    for wall, cpu in ((3.0, 1.0), (2.0, 0.5)):
        note_timing(tmp_path, "petit", 'chloé, "d\'Arc"', "petit", wall, cpu)
    found = read_timings(tmp_path, "petit")
    assert list(found) == [('chloé, "d\'Arc"', "petit")]
    timing = found['chloé, "d\'Arc"', "petit"]
    assert (timing.wall_s, timing.cpu_s) == (2.0, 0.5)
    assert timing.graded.tzinfo is not None


def test_a_broken_line_is_left_out(tmp_path: Path) -> None:
    """Half a line, bytes that are no text, and no file at all."""
    assert read_timings(tmp_path, "petit") == {}
    note_timing(tmp_path, "petit", "alice", "petit", 1.0, 1.0)
    path = tmp_path / "timings" / "petit.csv"
    path.write_bytes(path.read_bytes() + b"bruno,petit,2026-11\n\xff\xfe,,\nchlo")
    assert [student for student, _ in read_timings(tmp_path, "petit")] == ["alice"]
