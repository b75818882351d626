"""The final project: its rubric is one that the desk reads, and its model answers run, and stay with the staff."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from closed_doors.authoring.publish.student_zip import make_bundle
from closed_doors.core.layout import Layout
from closed_doors.notebook.mark_scheme import read_scheme, split_scheme
from tests.conftest import ROOT
from tests.documents import Document, tracked

ANSWERS = sorted((ROOT / "projects").glob("*/"))


def printed(answer: str, *options: str) -> str:
    """What a model answer's program prints."""
    command = [sys.executable, ROOT / "projects" / answer / "experience.py", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_rubric_is_one_that_the_desk_reads() -> None:
    """Each line of the project's mark scheme is an item, and together they are 20 points."""
    _, scheme = split_scheme(Document("docs/projet.md").text)
    items = read_scheme(scheme).items
    assert len(items) == len(re.findall("^- ", scheme, re.MULTILINE))
    assert sum(item.points for item in items) == 20


@pytest.mark.slow
def test_order_is_learnt_by_two_causal_layers_alone_or_by_positions() -> None:
    """With a short training, who can know the order has beaten the best loss without it, and nobody else has."""
    lines = printed("sans_positions", "--seeds", "1", "--steps", "150").replace(",", ".").splitlines()
    chance, floor, *losses = (float(number) for line in lines for number in re.findall(r"\d\.\d\d", line))
    assert chance > floor
    one_layer, two_layers, no_mask, positions = losses
    assert min(one_layer, no_mask) > floor - 0.05
    assert max(two_layers, positions) < floor - 0.5


@pytest.mark.slow
def test_windows_by_blocks_and_by_mask_are_the_same_attention() -> None:
    """For every length, both ways differ by rounding only."""
    lines = printed("prix_du_masque", "--lengths", "128", "512", "--window", "32", "--repeats", "2").splitlines()
    gaps = [float(line.rpartition(" ")[2]) for line in lines if "écart" in line]
    assert len(gaps) == 2
    assert max(gaps) < 1e-5


def test_each_answer_has_a_report() -> None:
    """Beside every program stands the report that it belongs to; the TAs' guide leads to both."""
    linked = {path.resolve() for path, _ in Document("docs/guide-correcteur.md").links}
    assert len(ANSWERS) == 2
    assert {answer / "rapport.md" for answer in ANSWERS} <= linked


def test_no_student_gets_a_model_answer(repository: Layout) -> None:
    """No bundle has a file of projects/, and what students read doesn't lead there."""
    ours = {(ROOT / name).read_bytes() for name in tracked() if name.startswith("projects/")}
    assert len(ours) == 4
    for assignment in repository.assignments():
        assert not ours & set(make_bundle(repository.release / assignment, ROOT).files.values())
    students = ("docs/projet.md", "docs/cours.md", "docs/guide-etudiant.md", "website/lectures.md")
    for name in (*students, *(str(path.relative_to(ROOT)) for path in Path(ROOT, "website/pieges").glob("*.md"))):
        assert "projects/" not in Document(name).text, name
