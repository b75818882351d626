"""What pages were made of, noted for a class and for one student at a time."""

from pathlib import Path

from closed_doors.nbgrader.settings import read_settings
from closed_doors.pages.feedback.noted_pages import note_pages, noted_pages


def test_a_few_pages_are_lines_and_a_class_takes_them_in(tmp_path: Path) -> None:
    """The last note of a page counts, whichever file it stands in; what a killed program left half written does not."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    settings = read_settings(tmp_path)
    everybody = {f"eleve-{number}/devoir": "a" for number in range(20)}
    note_pages(settings, "devoir", everybody)
    whole = (tmp_path / "feedback" / "devoir.pages.json").read_bytes()
    note_pages(settings, "devoir", {"eleve-3/devoir": "b"})
    with (tmp_path / "feedback" / "devoir.pages.jsonl").open("ab") as file:
        file.write(b'\n{"eleve-4/dev')
    note_pages(settings, "devoir", {"eleve-5/devoir": "c"})
    assert (tmp_path / "feedback" / "devoir.pages.json").read_bytes() == whole
    found = everybody | {"eleve-3/devoir": "b", "eleve-5/devoir": "c"}
    assert noted_pages(settings, "devoir") == found
    note_pages(settings, "devoir", everybody | {"eleve-5/devoir": "d"})
    assert noted_pages(settings, "devoir") == everybody | {"eleve-5/devoir": "d"}
    assert not (tmp_path / "feedback" / "devoir.pages.jsonl").exists()
