"""Where a course's folders are, and what is said when they are not there."""

from pathlib import Path

import pytest

from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout, find_course


def test_the_course_is_found_from_a_folder_inside_it(course_copy: Layout) -> None:
    """A command works from any folder of the course."""
    assert find_course(course_copy.source / "masque_causal").root == course_copy.root


def test_a_folder_outside_any_course_is_refused_by_name(tmp_path: Path) -> None:
    """Outside a course, the message names the folder and what was looked for."""
    with pytest.raises(LayoutError, match=rf"{tmp_path}.*nbgrader_config\.py and source/"):
        find_course(tmp_path)


def test_a_misspelt_assignment_is_offered_the_nearest_name(course_copy: Layout) -> None:
    """A typing error in an assignment's name gets the name that was probably meant."""
    with pytest.raises(LayoutError, match="Did you mean 'masque_causal'"):
        course_copy.require("masque-causal")


def test_an_unknown_assignment_gets_the_list_of_those_there_are(course_copy: Layout) -> None:
    """Where no name is near, all of them are listed."""
    with pytest.raises(LayoutError, match=r"Known assignments: .*masque_causal"):
        course_copy.require("zzz")


def test_folders_without_a_notebook_are_not_assignments(course_copy: Layout) -> None:
    """A stray folder under source/ is not taken for an assignment."""
    before = course_copy.assignments()
    (course_copy.source / "brouillons").mkdir()
    assert "masque_causal" in before
    assert course_copy.assignments() == before
