"""Students' requests for another look: files in, answers out."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from closed_doors.cli.main import main
from closed_doors.desk.marking_desk import MarkingDesk
from closed_doors.nbgrader import desk_records as records
from support.courses import ASSIGNMENT
from support.written_classes import WrittenClass, written_class


@pytest.fixture
def written(tmp_path: Path) -> WrittenClass:
    return written_class(tmp_path / "course", {"anna": "Parce que.", "bea": "Car."})


def run(written: WrittenClass, *arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(
        main, ["--root", str(written.root), "desk", "requests", ASSIGNMENT, *map(str, arguments)]
    )
    return found.exit_code, found.output


def test_a_file_says_whose_it_is(written: WrittenClass, tmp_path: Path) -> None:
    """By its name, by the sender of a message, or by the command; the same message again is known already."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "anna.txt").write_text("Revoyez ma réponse.", encoding="utf-8")
    (inbox / "message-7.txt").write_text(
        "Objet : note\nDe : Bea Exemple <bea@exemple.fr>\n\nJ'ai la borne.", encoding="utf-8"
    )
    status, said = run(written, "--add", inbox)
    assert status == 0, said
    assert "2 requests, 2 open" in said
    other = tmp_path / "note.txt"
    other.write_text("Encore moi.", encoding="utf-8")
    assert run(written, "--add", other, "--student", "anna")[0] == 0
    status, said = run(written, "--add", inbox, "--add", other, "--student", "anna", "--json")
    found = json.loads(said[said.index("[") :])
    assert sorted(one["student"] for one in found) == ["anna", "anna", "anna", "bea"]


def test_an_answer_goes_out_as_a_file(written: WrittenClass, tmp_path: Path) -> None:
    """With the request above it, one file a student; what has no answer has no file."""
    for student in ("anna", "bea"):
        path = tmp_path / f"{student}.txt"
        path.write_text(f"Moi, {student}.", encoding="utf-8")
        run(written, "--add", path)
    desk = MarkingDesk(written.settings)
    with desk.gradebook() as db:
        (first, _) = records.requests_in(db, ASSIGNMENT)
        records.answer_request(db, ASSIGNMENT, first.number, "Relu : 3 points.", "camille")
    status, said = run(written, "--answers", tmp_path / "out")
    assert status == 0, said
    assert "2 requests, 1 open" in said
    (path,) = (tmp_path / "out").iterdir()
    text = path.read_text(encoding="utf-8")
    assert first.text in text
    assert "Relu" in text


@pytest.mark.parametrize(
    ("name", "data"), [("x.txt", b"?"), ("anna.txt", b"\xff\xfe\x00"), ("anna.txt", b"a" * 200_000)]
)
def test_what_is_no_message_is_refused_whole(written: WrittenClass, tmp_path: Path, name: str, data: bytes) -> None:
    """Nobody's, no text, or too large: a sentence, and nothing of the lot is entered."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "bea.txt").write_text("Bonjour.", encoding="utf-8")
    (inbox / name).write_bytes(data)
    status, said = run(written, "--add", inbox)
    assert status == 1
    assert name in said
    assert "0 requests" in run(written)[1]
