"""Marks given at the desk stand in nbgrader's gradebook, and nothing of two people is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from closed_doors.nbgrader import marking_store as store
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_restructure import Restructuring, restructure
from closed_doors.nbgrader.gradebook_structure import structure_in
from closed_doors.nbgrader.gradebook_students import anonymise_student, remove_student
from closed_doors.nbgrader.marking_store import AboveMaximumError, Given, ItemPoints, Marking, MovedOnError, Place
from support.courses import ASSIGNMENT
from support.written_classes import QUESTION, WrittenClass, written_class

PLACE = Place(ASSIGNMENT, ASSIGNMENT, QUESTION, QUESTION)
ITEMS = [
    ItemPoints("definition", "définition", 1),
    ItemPoints("exemple", "exemple", 1),
    ItemPoints("borne", "borne", 1),
]
TWO = Given({"definition": 1, "exemple": 1}, None, "Donnez la borne.", False, True)


@pytest.fixture
def written(tmp_path: Path) -> WrittenClass:
    return written_class(tmp_path / "course", {"anna": "Parce que.", "bea": "Car 2n = n + n.", "carl": "?"})


@contextmanager
def gradebook(written: WrittenClass) -> Iterator[sa.Connection]:
    with Database(written.settings.db_url).transaction() as db:
        store.prepare(db)
        yield db


def stand(written: WrittenClass, student: str) -> Marking:
    with gradebook(written) as db:
        return next(one for one in store.markings_in(db, PLACE, ITEMS) if one.student == student)


def give(written: WrittenClass, student: str, given: Given, marker: str = "camille", token: str = "") -> list[Marking]:
    """Give an answer something; returns what had moved on."""
    now = stand(written, student)
    with gradebook(written) as db:
        return store.save(db, PLACE, ITEMS, {now.answer: (token or now.token, given)}, marker)[1]


def test_a_mark_and_its_comment_are_nbgraders_own(written: WrittenClass) -> None:
    """Points add up in manual_score, the comment is manual_comment, nobody has to look any more."""
    assert written.mark("anna") == (None, True, None)
    give(written, "anna", TWO)
    assert written.mark("anna") == (2.0, False, "Donnez la borne.")
    assert written.mark("bea") == (None, True, None)
    now = stand(written, "anna")
    assert (now.given, now.marker) == (TWO, "camille")


def test_halves_a_free_mark_and_what_takes_points_off(written: WrittenClass) -> None:
    """Half an item is half its points; a free mark goes before the items; nothing leads below zero."""
    give(written, "anna", Given({"definition": 0.5}, marked=True))
    assert written.mark("anna")[0] == 0.5
    give(written, "anna", Given({"definition": 1, "exemple": 1, "borne": 1}, 2, marked=True))
    assert written.mark("anna")[0] == 2
    assert Given({"faute": 1}, marked=True).points([ItemPoints("faute", "faute", -1)]) == 0


def test_a_mark_above_the_maximum_is_refused(written: WrittenClass) -> None:
    """By hand or by items, and of a group nothing is written."""
    for given in (Given({}, 3.5, marked=True), Given({"definition": 1}, marked=True)):
        items = [ItemPoints("definition", "définition", 4)]
        answers = [stand(written, student) for student in ("anna", "bea")]
        with pytest.raises(AboveMaximumError), gradebook(written) as db:
            store.save(db, PLACE, items, {one.answer: (one.token, given) for one in answers}, "camille")
        assert written.mark("anna") == (None, True, None)


def test_the_second_of_two_people_is_told(written: WrittenClass) -> None:
    """What the first gave stays, and the second gets to know it; formgrader's changes count as somebody's too."""
    seen = stand(written, "anna").token
    give(written, "anna", TWO)
    (moved,) = give(written, "anna", Given({}, 0, marked=True), "bruno", seen)
    assert (moved.given, moved.marker) == (TWO, "camille")
    assert written.mark("anna")[0] == 2
    seen = stand(written, "anna").token
    with gradebook(written) as db:
        db.execute(sa.text("UPDATE grade SET manual_score = 1 WHERE manual_score = 2"))
    assert give(written, "anna", TWO, "bruno", seen)
    now = stand(written, "anna")
    assert (now.given.free, now.given.marked) == (1, True)


def test_undo_goes_back_step_by_step(written: WrittenClass) -> None:
    """A person's own steps, the last first, a group's at once; what somebody else changed since is not overwritten."""
    give(written, "anna", TWO)
    give(written, "anna", Given({}, 1, "Non.", False, True))
    give(written, "bea", TWO, "bruno")

    def undo() -> list[str]:
        with gradebook(written) as db:
            return [one.student for one in store.undo(db, PLACE, ITEMS, "camille")]

    assert undo() == ["anna"]
    assert written.mark("anna") == (2.0, False, "Donnez la borne.")
    assert undo() == ["anna"]
    assert written.mark("anna") == (None, True, None)
    assert undo() == []
    both = [stand(written, student) for student in ("anna", "carl")]
    with gradebook(written) as db:
        store.save(db, PLACE, ITEMS, {one.answer: (one.token, TWO) for one in both}, "camille")
    assert undo() == ["anna", "carl"]
    give(written, "carl", TWO)
    give(written, "carl", Given({}, 1, "", False, True), "bruno")
    with pytest.raises(MovedOnError):
        undo()
    assert written.mark("carl")[0] == 1


def test_other_points_mark_everybody_anew(written: WrittenClass) -> None:
    """Only marks that items make; a preview says how many, and what would be above the maximum stays."""
    give(written, "anna", TWO)
    give(written, "bea", Given({"definition": 1}, 3, "", False, True))
    heavier = [ItemPoints("definition", "définition", 0.5), *ITEMS[1:]]
    with gradebook(written) as db:
        said = store.remark(db, PLACE, ITEMS, heavier, "camille", dry=True)
    assert (len(said.changed), said.fixed, said.above) == (1, 1, 0)
    assert written.mark("anna")[0] == 2
    with gradebook(written) as db:
        store.remark(db, PLACE, ITEMS, heavier, "camille", dry=False)
        assert [item.points for item in store.items_in(db, PLACE)] == [0.5, 1, 1]
    assert (written.mark("anna")[0], written.mark("bea")[0]) == (1.5, 3)
    with gradebook(written) as db:
        said = store.remark(db, PLACE, heavier, [ItemPoints("definition", "définition", 9), *ITEMS[1:]], "c", dry=False)
    assert (said.above, written.mark("anna")[0]) == (1, 1.5)


def test_regrading_keeps_marks_where_the_answer_is_the_same(written: WrittenClass) -> None:
    """Where it is another one, the mark stays in view and a person has to confirm it."""
    give(written, "anna", TWO)
    give(written, "bea", TWO)
    written.hand_in({"anna": "Parce que.", "bea": "Tout autre chose."})
    assert written.mark("anna") == (2.0, False, "Donnez la borne.")
    assert written.mark("bea") == (2.0, True, "Donnez la borne.")
    assert stand(written, "bea").given == TWO


def test_nothing_is_left_of_who_is_removed(written: WrittenClass) -> None:
    """Neither marking nor history of a person who is taken out; of one who stays as a number, no word."""
    for student in ("anna", "bea"):
        give(written, student, TWO)
    remove_student(written.settings.db_url, "anna")
    anonymise_student(written.settings.db_url, "bea", "x1")
    assert written.course.rows("SELECT count(*) FROM closed_door_marking") == [(1,)]
    assert written.course.rows("SELECT count(*) FROM closed_door_marking_log") == [(0,)]
    assert written.mark("x1")[0] == 2


def test_items_follow_a_cell_to_its_new_name(written: WrittenClass) -> None:
    """What a mark comes from is still known after a renaming in the master; nothing stays of a notebook that goes."""
    give(written, "anna", TWO)
    with gradebook(written) as db:
        store.set_items(db, PLACE, ITEMS)
        here = structure_in(db, ASSIGNMENT)
        book = here[ASSIGNMENT]
        book.graded["neuve"], book.sources["neuve"] = book.graded.pop(QUESTION), book.sources.pop(QUESTION)
        book.solutions.symmetric_difference_update({QUESTION, "neuve"})
        restructure(db, ASSIGNMENT, Restructuring(here, {(ASSIGNMENT, QUESTION): "neuve"}))
        new = replace(PLACE, cell="neuve", commented="neuve")
        assert store.items_in(db, new) == ITEMS
        assert {one.student: one.given.met for one in store.markings_in(db, new, ITEMS)}["anna"] == TWO.met
        restructure(db, ASSIGNMENT, Restructuring({}, {}))
    assert written.course.rows("SELECT count(*) FROM closed_door_marking_log") == [(0,)]
