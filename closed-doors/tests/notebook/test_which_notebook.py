"""A notebook is known by its cells, whatever its name; where several could be it, a person is asked."""

import json
import unicodedata

import pytest

from closed_doors.notebook.which_notebook import Candidate, Choice, candidate, choose

MASTERS = {"devoir": frozenset({"titre", "a", "b"}), "projet": frozenset({"titre", "c", "d"})}
ONE = {"devoir": MASTERS["devoir"]}


def book(*ids: str) -> bytes:
    cells = [{"cell_type": "code", "source": name, "metadata": {"nbgrader": {"grade_id": name}}} for name in ids]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def file(name: str, *ids: str) -> Candidate:
    found = candidate(tuple(name.split("/")), book(*ids))
    assert found is not None
    return found


def names(choice: Choice) -> dict[str, str]:
    return {master: one.name for master, one in choice.chosen.items()}


@pytest.mark.parametrize(
    "name",
    [
        "devoir.ipynb",
        "devoir.ipynb.json",
        "devoir.ipynb.txt",
        "devoir.json",
        "devoir.IPYNB",
        "Devoir.ipynb",
        "devoir (1).ipynb",
        "devoir/devoir.ipynb",
        "Devoir_Marie_Martin.ipynb",
        "download",
        "a/b/c/rendu final.ipynb.html",
    ],
)
def test_the_only_notebook_is_the_one(name: str) -> None:
    """Suffixes that browsers add, folders, capitals and names of the student's own change nothing."""
    assert names(choose(ONE, [file(name, "titre", "a", "b")])) == {"devoir": name}


def test_two_notebooks_that_swapped_names_are_told_by_their_cells() -> None:
    """What is in a file counts, not what it is called."""
    files = [file("projet.ipynb", "titre", "a", "b"), file("devoir.ipynb", "titre", "c", "d")]
    assert names(choose(MASTERS, files)) == {"devoir": "projet.ipynb", "projet": "devoir.ipynb"}


def test_both_renamed() -> None:
    """Neither name is a master's."""
    files = [file("1.ipynb", "titre", "c"), file("2.ipynb", "titre", "b")]
    assert names(choose(MASTERS, files)) == {"devoir": "2.ipynb", "projet": "1.ipynb"}


def test_the_exact_name_comes_first_and_the_other_is_named() -> None:
    """Of two copies the one with the master's name counts."""
    choice = choose(ONE, [file("devoir (1).ipynb", "a", "b"), file("devoir.ipynb", "a")])
    assert names(choice) == {"devoir": "devoir.ipynb"}
    assert [one.name for one in choice.others["devoir"]] == ["devoir (1).ipynb"]


def test_cells_of_the_master_come_before_its_name() -> None:
    """A file of another assignment, or a broken one, with the right name does not hide the right file."""
    for wrong in (file("devoir.ipynb", "x", "y"), Candidate(("devoir.ipynb",), b"{")):
        assert names(choose(ONE, [wrong, file("rendu.ipynb", "a")])) == {"devoir": "rendu.ipynb"}


def test_two_that_differ_are_left_for_a_person() -> None:
    """Neither of two files is more the notebook than the other."""
    choice = choose(ONE, [file("devoir (1).ipynb", "a"), file("devoir (2).ipynb", "b")])
    assert not choice.chosen
    assert [one.name for one in choice.unclear["devoir"]] == ["devoir (1).ipynb", "devoir (2).ipynb"]


def test_two_that_are_the_same_are_one() -> None:
    """The same bytes twice are no question."""
    choice = choose(ONE, [file("devoir (1).ipynb", "a"), file("devoir (2).ipynb", "a")])
    assert names(choice) == {"devoir": "devoir (1).ipynb"}
    assert not choice.others["devoir"]


def test_names_are_compared_in_one_spelling() -> None:
    """A name with accents comes in two forms of Unicode, which look the same."""
    masters = {unicodedata.normalize("NFC", "évaluation"): frozenset({"a"}), "autre": frozenset({"b"})}
    other = unicodedata.normalize("NFD", "évaluation.ipynb")
    choice = choose(masters, [Candidate((other,), book())])
    assert names(choice) == {unicodedata.normalize("NFC", "évaluation"): other}


@pytest.mark.parametrize("data", [b"", b"{}", b'{"cells": []}', b"name,points\n", b'[{"cells": 1, "nbformat": 4}]'])
def test_other_files_are_no_candidates(data: bytes) -> None:
    """Data that a notebook reads are not taken for one."""
    assert candidate(("donnees.json",), data) is None


def test_a_notebook_of_another_course_is_a_stray() -> None:
    """Where there are several masters, a notebook with none of their cells is nobody's."""
    assert [one.name for one in choose(MASTERS, [file("x.ipynb", "z")]).strays] == ["x.ipynb"]


def test_a_notebook_of_another_assignment_is_a_stray() -> None:
    """Exercises are numbered alike, so some cells of it are the master's too; its answers are no answers here."""
    other = file("projet.ipynb", "titre", "c", "d", "e")
    assert [one.name for one in choose(ONE, [other]).strays] == ["projet.ipynb"]
    assert [one.name for one in choose(ONE, [file("x.ipynb", "z")]).strays] == ["x.ipynb"]
    assert names(choose(ONE, [other, file("rendu.ipynb", "a")])) == {"devoir": "rendu.ipynb"}


def test_the_masters_name_or_no_cells_at_all_are_given_a_try() -> None:
    """Cells whose marks were lost or changed are known by their text later on."""
    for one in (file("devoir (1).ipynb", "x", "y", "a"), file("rendu.ipynb")):
        assert names(choose(ONE, [one])) == {"devoir": one.name}


class Texts:
    """A reader that knows how many cells of which notebook are in which file."""

    def __init__(self, **known: dict[str, int]) -> None:
        self._known = known

    def is_blank(self, name: str, file: Candidate) -> bool:
        return name == "devoir" and file.name == "blank.ipynb"

    def known_cells(self, name: str, file: Candidate) -> int:
        return self._known.get(name, {}).get(file.name, 0)


def test_files_without_any_grade_id_are_told_by_what_their_cells_say() -> None:
    """Two notebooks that came without metadata, and under other names, are graded as what they are."""
    reader = Texts(devoir={"1.ipynb": 2, "2.ipynb": 1}, projet={"1.ipynb": 1, "2.ipynb": 3})
    found = choose(MASTERS, [file("1.ipynb"), file("2.ipynb"), file("3.ipynb")], reader)
    assert names(found) == {"devoir": "1.ipynb", "projet": "2.ipynb"}
    assert [one.name for one in found.strays] == ["3.ipynb"]


def test_notebooks_whose_cells_are_named_alike_are_told_by_what_they_say() -> None:
    """Two masters with the same grade_ids, and two files that were renamed, each as the other."""
    alike = {"devoir": MASTERS["devoir"], "projet": MASTERS["devoir"]}
    reader = Texts(devoir={"projet.ipynb": 3, "devoir.ipynb": 1}, projet={"projet.ipynb": 1, "devoir.ipynb": 3})
    files = [file("devoir.ipynb", "titre", "a", "b"), file("projet.ipynb", "titre", "a", "b")]
    assert names(choose(alike, files, reader)) == {"devoir": "projet.ipynb", "projet": "devoir.ipynb"}
    assert names(choose(alike, files)) == {"devoir": "devoir.ipynb", "projet": "projet.ipynb"}


def test_work_without_metadata_comes_before_the_blank_notebook() -> None:
    """A notebook as it was handed out, beside the one that was written in elsewhere, does not hide it."""
    found = choose(
        ONE, [file("blank.ipynb", "titre", "a", "b"), file("Untitled.ipynb")], Texts(devoir={"Untitled.ipynb": 2})
    )
    assert names(found) == {"devoir": "Untitled.ipynb"}
