"""The figure of `course quality` says in words what it shows."""

from pathlib import Path

import pytest
from PIL import Image

from authoring.quality.test_criteria_matrix import graded, matrix
from closed_doors.authoring.quality.figure import draw_matrices, require_format
from closed_doors.core.errors import QualityError
from closed_doors.core.wording import wording


def test_the_picture_holds_its_description(tmp_path: Path) -> None:
    """A description stands in the file, for those who don't see it."""
    path = tmp_path / "new" / "figure.png"
    found = matrix(graded("r", True, ""), graded("w1", False, "a"), graded("w2", False, "ab"))
    description = draw_matrices("devoir", [found], path, wording("fr"))
    assert "1 réponses justes acceptées sur 1, 2 fausses refusées sur 2" in description
    with Image.open(path) as picture:
        assert picture.info["Description"] == description
        assert picture.width > 500


def test_an_unknown_format_is_refused() -> None:
    """Before anything is graded, and with those that are known."""
    with pytest.raises(QualityError, match=r"\.png, \.svg, \.pdf"):
        require_format(Path("figure.docx"))
