"""Marks in Moodle's worksheet, for any class: every student once, each with the own mark."""

from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from closed_doors.moodle.exporting import decimal_of, fill_in, number
from closed_doors.moodle.match_students import people
from closed_doors.moodle.participants import read_roster
from closed_doors.moodle.worksheet import read_number, read_worksheet
from closed_doors.nbgrader.gradebook_reader import CellMark, NotebookMarks, StudentMarks
from moodle.test_importing import name_part
from support import moodle_exports as exports
from support.moodle_exports import ENGLISH, FRENCH, WORDS, Member

OUT_OF = 17.0


def earned(points: float, penalty: float = 0.0) -> NotebookMarks:
    return NotebookMarks({"exercice": CellMark(OUT_OF, points, None, 0.0, False)}, {}, penalty)


@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.tuples(name_part, name_part), min_size=1, max_size=8),
    points=st.lists(st.none() | st.floats(0, OUT_OF), min_size=8, max_size=8),
    language=st.sampled_from([ENGLISH, FRENCH]),
    dialect=st.sampled_from([(",", "utf-8"), (",", "utf-8-sig"), (";", "utf-8-sig"), ("\t", "utf-16")]),
)
def test_every_student_once(
    tmp_path: Path,
    names: list[tuple[str, str]],
    points: list[float | None],
    language: str,
    dialect: tuple[str, str],
) -> None:
    """Whatever the names and the file's dialect, each line has its student's mark, or is as it came without one."""
    everybody = [Member(n, first, last, f"id{n}", grade="3") for n, (first, last) in enumerate(names, 11)]
    marks = {
        m.idnumber: StudentMarks(m.idnumber, notebooks={"n": earned(given)})
        for m, given in zip(everybody, points, strict=False)
        if given is not None
    }
    sheet = read_worksheet(exports.worksheet(tmp_path / "w.csv", everybody, language, *dialect))
    roster = read_roster(exports.roster(tmp_path / "r.csv", everybody, language))
    done = fill_in(sheet, people(roster, sheet, {}), marks, decimal_of(sheet), False, ())
    (tmp_path / "out.csv").write_bytes(sheet.table.render(done.rows))
    lines = exports.read(tmp_path / "out.csv")
    identifier, grade = WORDS[language]["worksheet"][0], WORDS[language]["worksheet"][5]
    assert [line[identifier] for line in lines] == [WORDS[language]["identifier"].format(m.number) for m in everybody]
    for line, member in zip(lines, everybody, strict=True):
        written = read_number(line[grade])
        assert written is not None
        if member.idnumber in marks:
            exact = marks[member.idnumber].notebooks["n"].score * 20 / OUT_OF
            assert abs(written - exact) <= 5e-6
            assert ("." if language == FRENCH else ",") not in line[grade]
        else:
            assert line[grade] == "3"
    assert len(done.written) + len(done.left) == len(everybody)
    assert not done.homeless


def test_numbers_as_moodle_reads_them() -> None:
    """Five decimals at most, none that say nothing, and the sign that was asked for."""
    assert [number(value, "comma") for value in (0, 12.5, 40 / 3, 20.0)] == ["0", "12,5", "13,33333", "20"]
    assert number(12.5, "point") == "12.5"
