"""What only masques_reels has: its marks, its cells, and experiments that show what the lesson says of them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from nbgrader.utils import is_grade
from tests.course.notebooks import automatic_marks, cells_of, grade_id, is_open, printed

from closed_doors.core.layout import Layout

ASSIGNMENT = "masques_reels"
POINTS = {
    "exercice-1-verification": 3,
    "exercice-2-verification": 2,
    "exercice-3-verification": 4,
    "exercice-4-verification": 2,
    "exercice-5-verification": 3,
    "exercice-6-verification": 3,
    "question-6-reponse": 3,
    "bonus-verification": 0,
    "controle-module": 0,
}


def wholes(pattern: str, text: str) -> list[int]:
    """Return whole numbers, written in groups of three digits, that a pattern finds."""
    return [int(count.replace("\u00a0", "")) for count in re.findall(pattern, text, re.MULTILINE)]


def numbers(text: str) -> list[float]:
    """Return the decimal numbers of a text, written the French way."""
    return [float(found.replace(",", ".")) for found in re.findall(r"\d+,\d+", text)]


def gaps(text: str) -> list[list[str]]:
    """Return what each line of a comparison with solitude says of its gaps: at the first step, and in all."""
    return [re.findall(r"(arrondi|\d+,\d+) (?:au|en)", line) for line in text.splitlines()[1:]]


def test_points_by_exercise(generated: Layout) -> None:
    """Seventeen points are checked by the machine, three are marked by hand, and the bonus gives none."""
    points = {grade_id(c): c.metadata.nbgrader.points for c in cells_of(generated, "source", ASSIGNMENT) if is_grade(c)}
    assert points == POINTS


def test_points_are_announced_as_they_are(generated: Layout) -> None:
    """What a statement promises is what its checks are worth."""
    cells = {grade_id(cell): cell.source for cell in cells_of(generated, "release", ASSIGNMENT)}
    for name, points in POINTS.items():
        if points:
            statement = cells[re.sub("-(verification|reponse)$", "", name)]
            assert f"**{points}\N{NO-BREAK SPACE}points**" in statement, name


def test_students_write_in_eight_cells(generated: Layout) -> None:
    """Six exercises, a free-text question and a bonus, in the order of the lesson."""
    open_cells = [grade_id(c) for c in cells_of(generated, "release", ASSIGNMENT) if is_open(c)]
    assert open_cells == [
        *(f"exercice-{n}-reponse" for n in range(1, 7)),
        "question-6-reponse",
        "bonus-reponse",
    ]


@pytest.mark.slow
def test_the_solved_notebook_earns_seventeen_points(executed: Callable[[str, str], Any]) -> None:
    """All that is not marked by hand."""
    assert sum(possible for _, possible in automatic_marks(executed("source", ASSIGNMENT)).values()) == 17


@pytest.mark.slow
def test_packed_documents(executed: Callable[[str, str], Any]) -> None:
    """Packing needs a quarter of the rows; no leak is found, B reads A all the same; mask and positions both matter."""
    said = printed(executed("source", ASSIGNMENT))
    alone, packed = (int(rows) for rows in re.findall(r"(\d+) lignes", said["documents-gain"]))
    assert 3.8 < alone / packed < 4.5
    assert "avenir\N{NO-BREAK SPACE}: []" in said["documents-carte"]
    assert numbers(said["documents-carte"])[0] > 0.1
    lines = said["exercice-1-mesure"].splitlines()[1:]
    assert [line.split()[-1] == "arrondi" for line in lines] == [False, False, False, True]
    assert min(numbers(said["exercice-1-mesure"])) > 1


@pytest.mark.slow
def test_the_prefix_is_copied(executed: Callable[[str, str], Any]) -> None:
    """The loss over all positions falls far below chance, and that of the positions that count does not."""
    every, counted, chance = numbers(printed(executed("source", ASSIGNMENT))["exercice-2-mesure"])
    assert every < 0.75 * chance
    assert chance <= counted < 1.1 * chance


@pytest.mark.slow
def test_left_padding_and_positions(executed: Callable[[str, str], Any]) -> None:
    """Only right masks and positions give back solitude; rotations forgive a shift that is the same for all."""
    said = printed(executed("source", ASSIGNMENT))
    right = ["arrondi", "arrondi"]
    both, no_padding, columns, later = gaps(said["exercice-3-mesure"])
    assert both == right
    assert "arrondi" not in no_padding + columns
    assert later[0] == "arrondi"
    assert later[1] != "arrondi"
    texts = [re.findall(r"\[.*\]", line)[0] for line in said["exercice-3-mesure"].splitlines()]
    assert texts[0] == texts[1]
    first = [text.split(",")[0] for text in texts]
    assert first[4] == first[0]
    assert first[0] not in (first[2], first[3])
    both, no_padding, columns, later = gaps(said["rotations-lot"])
    assert both == columns == right
    assert "arrondi" not in no_padding
    assert later[0] == "arrondi"
    assert later[1] != "arrondi"
    assert [line.split()[-1] == "arrondi" for line in said["rotations-decalage"].splitlines()] == [True, False]
    assert [line.split()[-1] == "arrondi" for line in said["rotations-documents"].splitlines()] == [False, True]


@pytest.mark.slow
def test_windows_sinks_and_alibi(executed: Callable[[str, str], Any]) -> None:
    """Outputs grow eightfold without the sink and shrink with it; blocks form eight times fewer scores; ALiBi."""
    said = printed(executed("source", ASSIGNMENT))
    without, with_sink = numbers(said["fenetre-puits"])
    assert 7 < without < 9
    assert 0.3 < with_sink < 0.8
    assert "arrondi" in said["fenetre-blocs"]
    whole, blocks = wholes(r"([\d\u00a0]+)$", said["fenetre-blocs"])
    assert whole > 8 * blocks
    assert [line.split()[-1] == "arrondi" for line in said["alibi-mesure"].splitlines()[:2]] == [True, False]
    assert re.findall(r"(\d) fuites?\b", said["alibi-mesure"]) == ["0", "6"]


@pytest.mark.slow
def test_translation_masks(executed: Callable[[str, str], Any]) -> None:
    """The right masks give back solitude, and each of three wrong ones does not."""
    said = printed(executed("source", ASSIGNMENT))
    assert re.findall(r"\[[\d, ]*\]", said["croisee-carte"]) == ["[4, 4, 4, 4]", "[6, 6, 6, 6]", "[1, 2, 3, 4]"]
    lines = said["exercice-5-mesure"].splitlines()
    assert [line.split()[-1] == "arrondi" for line in lines] == [True, False, False, False]


@pytest.mark.slow
def test_torch_arguments(executed: Callable[[str, str], Any]) -> None:
    """Two of six wrong calls raise an error, four are silent; a false promise is believed without the weights."""
    said = printed(executed("source", ASSIGNMENT))
    assert ["SILENCE" in line for line in said["torch-pannes"].splitlines()] == [True, False, True, False, True, True]
    assert min(numbers(said["torch-pannes"])) > 0.1
    assert re.findall(r"(\d)$", said["torch-carte"], re.MULTILINE) == ["2", "2", "6"]
    assert "causal\N{NO-BREAK SPACE}: arrondi" in said["torch-temps"]


@pytest.mark.slow
def test_attention_by_blocks(executed: Callable[[str, str], Any]) -> None:
    """Blocks of any size give the plain output; small ones compute half of the scores and hold few at once."""
    lines = printed(executed("source", ASSIGNMENT))["blocs-calcul"].splitlines()
    assert [line.split("écart ")[1].split(",")[0] for line in lines] == ["arrondi"] * 4
    computed = wholes(r"([\d\u00a0]+) scores", "\n".join(lines))
    assert computed[0] == 2048 * 2048
    assert 0.5 < computed[-1] / computed[0] < 0.51
    assert [int(size) for size in re.findall(r"(\d+) Kio", "\n".join(lines))] == [16384, 1024, 64, 4]
