"""The order of work at the desk: what comes next, for whom, and what is shown of whom."""

import html
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from closed_doors.desk.agreement import kappa
from closed_doors.desk.class_view import ClassView
from closed_doors.desk.desk_pages import DeskPages, Frame, given_from
from closed_doors.desk.marking_desk import MarkingDesk, Person, Pile
from closed_doors.desk.questions import Question, read_questions
from closed_doors.desk.written_answers import code_lines, masked_text, name_mask
from closed_doors.nbgrader import desk_records as records
from closed_doors.nbgrader.marking_store import Given, ItemPoints
from closed_doors.pages.feedback.class_pages import ClassFeedback
from support.classes import graded_class
from support.courses import ASSIGNMENT, cell
from support.written_classes import QUESTION, WrittenClass, written_class, written_master

ANSWERS = {
    "anna": "Doubler, c'est ajouter un nombre à lui-même, donc 2n = n + n, partout. Je suis Anna.",
    "bea": "Parce que le produit par deux est la somme de deux termes égaux.",
    "carl": "Doubler, c'est ajouter un nombre à lui-même, donc 2n = n + n. Je suis Carl.",
    "dora": "Je ne sais pas.",
}
CAMILLE, BRUNO = Person("camille"), Person("bruno")
FULL = Given({"definition": 1, "exemple": 1, "borne": 1}, marked=True)
FRAME = Frame("/desk", "/style", "/script", "t", "n")


@pytest.fixture
def written(tmp_path: Path) -> WrittenClass:
    return written_class(tmp_path / "course", ANSWERS)


@pytest.fixture
def desk(written: WrittenClass) -> MarkingDesk:
    return MarkingDesk(written.settings)


def question_of(desk: MarkingDesk) -> Question:
    found = desk.question(ASSIGNMENT, ASSIGNMENT, QUESTION)
    assert found is not None
    return found


def give(desk: MarkingDesk, student: str, given: Given = FULL, person: Person = CAMILLE) -> None:
    pile = desk.pile(question_of(desk))
    marking = next(one for one in pile.markings if one.student == student)
    desk.save(question_of(desk), {marking.answer: (marking.token, given)}, person)


def order(pile: Pile, person: Person = CAMILLE) -> list[str]:
    """Whom a person meets who only ever goes to the next to mark, without marking."""
    found, after = [], ""
    while (one := pile.to_mark(person, after)) is not None and one.student not in found:
        found.append(one.student)
        after = one.answer
    return found


def test_questions_come_with_statement_scheme_and_maximum(desk: MarkingDesk) -> None:
    """What students read is above, what they do not is the scheme; the tests' answer is the code."""
    question = question_of(desk)
    assert (question.title, question.maximum, question.adds_up) == ("Pourquoi doubler ?", 3, True)
    assert "Expliquez" in question.statement
    assert "définition" not in question.statement
    assert [(item.label, item.points) for item in question.scheme.items] == [
        ("définition", 1),
        ("exemple", 1),
        ("borne", 1),
    ]
    tests = desk.question(ASSIGNMENT, ASSIGNMENT, "verification")
    assert tests is not None
    assert (tests.answers, tests.place.commented, tests.by_person) == (("reponse",), "reponse", False)


def test_a_task_is_answered_in_the_cells_below() -> None:
    """Its comment is its own, and its scheme stands in it."""
    notebook = written_master()
    notebook.cells[3:] = [
        cell("markdown", "tache", "Faites.\nBEGIN MARK SCHEME\n- 2 points, fait\nEND MARK SCHEME", task=True, points=2)
    ]
    (_, task) = read_questions(ASSIGNMENT, ASSIGNMENT, json.loads(json.dumps(notebook)))
    assert (task.answers, task.before, task.place.commented, task.adds_up) == ((), "tache", "tache", True)


def test_the_next_to_mark_leaves_out_what_is_marked_and_brings_back_what_was_skipped(desk: MarkingDesk) -> None:
    """Each answer once, what is marked never, what was skipped at the end."""
    question = question_of(desk)
    assert order(desk.pile(question)) == ["anna", "bea", "carl", "dora"]
    give(desk, "bea")
    pile = desk.pile(question)
    desk.skip(question, pile.markings[0].answer, CAMILLE)
    for student in ("carl", "dora", "anna"):
        assert order(desk.pile(question))[0] == student
        give(desk, student)
    assert order(desk.pile(question)) == []


def test_an_answer_that_is_skipped_twice_at_once_is_skipped(desk: MarkingDesk) -> None:
    """Two requests of one person's, or of two: neither is told that the gradebook can't be used."""
    question = question_of(desk)
    answers = [marking.answer for marking in desk.pile(question).markings]
    with ThreadPoolExecutor(8) as pool:
        for answer in answers:
            for done in [pool.submit(desk.skip, question, answer, CAMILLE) for _ in range(8)]:
                done.result()
    assert [marking.answer for marking in desk.pile(question).markings] == answers


def test_shares_are_even_and_stay_when_work_comes_in(desk: MarkingDesk, written: WrittenClass) -> None:
    """Each marker meets the own share only, and progress is told for each."""
    question = question_of(desk)
    with desk.gradebook() as db:
        assert records.share_out(db, ASSIGNMENT, ["camille", "bruno"]) == {"camille": 2, "bruno": 2}
        before = records.shares_in(db, ASSIGNMENT)
    pile = desk.pile(question)
    assert sorted([*order(pile, CAMILLE), *order(pile, BRUNO)]) == sorted(ANSWERS)
    assert len(order(pile, Person("zoé"))) == 4
    written.hand_in({"emil": "Plus tard.", "fee": "Aussi."})
    with desk.gradebook() as db:
        records.share_out(db, ASSIGNMENT, ["camille", "bruno"])
        after = records.shares_in(db, ASSIGNMENT)
    assert before.items() <= after.items()
    give(desk, order(desk.pile(question), BRUNO)[0], person=BRUNO)
    assert desk.progress(ASSIGNMENT) == {"camille": (0, 3), "bruno": (1, 3)}


def test_a_second_reading_is_blind_and_changes_no_mark(written: WrittenClass) -> None:
    """The first marker is not asked, kappa compares the two, and those who differ are named."""
    (written.root / "course.toml").write_text("[desk]\nsecond_readings = 1.0\n", encoding="utf-8")
    desk = MarkingDesk(written.settings)
    question = question_of(desk)
    for student in ANSWERS:
        give(desk, student, FULL if student != "dora" else Given({}, marked=True))
    pile = desk.pile(question)
    assert desk.second_pile(pile, CAMILLE) == []
    assert len(desk.second_pile(pile, BRUNO)) == 4
    for one in pile.markings:
        page = DeskPages(desk, BRUNO, FRAME).answer_part(question, pile, one, second=True)
        assert "Notée par" not in page
        assert re.search(r"&#34;met&#34;: {}", page)
        lower = replace(FULL, met={"definition": 1}) if one.student == "bea" else one.given
        desk.read_second(question, one.answer, lower, BRUNO)
    agreement = desk.agreement(desk.pile(question))
    assert [one.student for one, _ in agreement.apart] == ["bea"]
    assert agreement.kappa == pytest.approx((3 / 4 - 7 / 16) / (1 - 7 / 16))
    assert written.mark("bea")[0] == 3


def test_kappa_says_nothing_where_it_can_not() -> None:
    """Without answers, or where both give one and the same mark to all; 0 is by chance, below is worse."""
    assert kappa([], []) is None
    assert kappa([1, 1], [1, 1]) is None
    assert kappa([0, 0, 1, 1], [0, 1, 0, 1]) == 0
    assert kappa([0, 1], [1, 0]) == -1


def every_page(desk: MarkingDesk, question: Question) -> list[str]:
    pages, pile = DeskPages(desk, CAMILLE, FRAME), desk.pile(question)
    found = [pages.home(), pages.listing(question, 1, ""), pages.shares(ASSIGNMENT), pages.requests(ASSIGNMENT)]
    for one in pile.markings:
        found += [pages.answer(question, pile, one, second=False), pages.work(question, pile, one)]
        found += [pages.group(question, pile, one)]
    return found


def test_an_anonymous_desk_names_nobody_until_all_is_marked(written: WrittenClass) -> None:
    """Not in a page, a link, an order, an answer that says it or a request; once all is marked, names are there."""
    (written.root / "course.toml").write_text("[desk]\nanonymous = true\n", encoding="utf-8")
    desk = MarkingDesk(written.settings)
    question = question_of(desk)
    with desk.gradebook() as db:
        records.add_request(db, ASSIGNMENT, "anna", "Revoyez ma copie.\nAnna Exemple", datetime(2026, 11, 1, 12, 0))
    shown = "\n".join(every_page(desk, question))
    assert not re.search(r"\b(anna|carl|bea|dora)\b|exemple.fr", shown, re.IGNORECASE)
    assert "Je suis ▇▇▇" in shown
    assert "Revoyez ma copie." in shown
    assert desk.keeps_names()
    for student in ANSWERS:
        give(desk, student)
    assert "Anna Exemple" in "\n".join(every_page(desk, question))
    assert not desk.keeps_names()


def test_like_answers_are_one_group(desk: MarkingDesk, written: WrittenClass) -> None:
    """Two that say the same in nearly the same words; the page says so once they are found, and shows both."""
    question = question_of(desk)
    pile = desk.pile(question)
    deadline = time.monotonic() + 60
    while (groups := desk.likes.of(question, pile.markings)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert groups is not None
    names = {one.answer: one.student for one in pile.markings}
    assert {tuple(sorted(names[answer] for answer in group)) for group in groups.values()} == {("anna", "carl")}
    page = DeskPages(desk, CAMILLE, FRAME).group(question, pile, pile.markings[0])
    assert page.count('name="answer"') == 2


def test_feedback_says_which_items_are_met(desk: MarkingDesk, written: WrittenClass) -> None:
    """Items with their points, never the scheme's own words; a mark that formgrader changed since has none."""
    give(desk, "anna", Given({"definition": 1, "exemple": 0.5}, None, "Et la borne ?", False, True))

    def page() -> str:
        summary = ClassFeedback(written.settings, ASSIGNMENT, ("anna",)).make()
        assert not summary.left_out
        path = written.settings.folder("feedback", "anna", ASSIGNMENT) / f"{ASSIGNMENT}.html"
        return path.read_text(encoding="utf-8").replace("\u00a0", " ")

    text = re.sub(r"<[^>]+>|\s+", " ", page())
    assert re.search(r"✓ Acquis +définition : 1 / 1", text)
    assert re.search(r"◐ En partie +exemple : 0,5 / 1", text)
    assert re.search(r"✗ Manqué +borne : 0 / 1", text)
    assert "Et la borne ?" in text
    assert "lui-même. Un demi-point" not in text
    give(desk, "anna", Given({"definition": 1}, 0.25, "", False, True))
    with desk.gradebook() as db:
        db.exec_driver_sql("UPDATE grade SET manual_score = 2.75 WHERE manual_score = 0.25")
    assert "Acquis" not in page()


def test_a_scheme_that_changes_in_the_master_is_told(desk: MarkingDesk, written: WrittenClass) -> None:
    """Marks stay as they are until somebody takes the master's points, which marks all anew."""
    give(desk, "anna")
    changed = written_master()
    changed.cells[3].source = changed.cells[3].source.replace("**1 point**, borne", "**0,5 point**, borne")
    written.course.set_master(changed)
    question = question_of(desk)
    page = DeskPages(desk, CAMILLE, FRAME).listing(question, 1, "")
    assert "ne sont pas ceux du devoir" in page
    assert "ne tombe pas juste" in page
    assert written.mark("anna")[0] == 3
    desk.change_items(question, {}, CAMILLE, dry=False)
    assert written.mark("anna")[0] == 2.5


def test_the_class_over_all_assignments_leads_to_each_students_work(desk: MarkingDesk) -> None:
    """Sorted by name, found by a part of it, with the one before and the one after, and a way to the desk."""
    give(desk, "bea")
    view = ClassView(desk)
    listing = view.listing(FRAME, CAMILLE, 1, "")
    assert [listing.index(f"{name.capitalize()} Exemple") for name in ANSWERS] == sorted(
        listing.index(f"{name.capitalize()} Exemple") for name in ANSWERS
    )
    assert "Carl" not in view.listing(FRAME, CAMILLE, 1, "BEA")
    page = view.student(FRAME, CAMILLE, "bea", ASSIGNMENT)
    assert page is not None
    assert "3 / 3" in page
    assert "/desk/class/anna/?assignment=petit" in page
    assert "/desk/class/carl/?assignment=petit" in page
    assert f"/desk/q/petit/petit/{QUESTION}/of/bea" in page
    assert view.student(FRAME, CAMILLE, "nobody", ASSIGNMENT) is None


def test_the_staff_reads_what_hidden_tests_saw(tmp_path: Path) -> None:
    """Of work that was graded for real: each criterion, and where a hidden test failed, with its values."""
    settings = graded_class(tmp_path / "course").settings
    page = ClassView(MarkingDesk(settings)).student(FRAME, CAMILLE, "bruno", ASSIGNMENT)
    assert page is not None
    text = html.unescape(page)
    assert "Le double d'autres nombres." in text
    assert "[10, -6]" in text


def test_who_may_sit_at_the_desk(written: WrittenClass) -> None:
    """Whoever may read the course, until course.toml names people; then these, each with a role."""
    assert MarkingDesk(written.settings).person("anybody") == Person("anybody", leads=True)
    people = '[[desk.people]]\nname = "camille"\n[[desk.people]]\nname = "prof"\nrole = "instructor"\n'
    (written.root / "course.toml").write_text(people, encoding="utf-8")
    desk = MarkingDesk(written.settings)
    assert [desk.person(name) for name in ("camille", "prof", "x")] == [Person("camille", False), Person("prof"), None]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"met": [], "comment": ""},
        {"met": {"unknown": 1}},
        {"met": {"a": 2}},
        {"met": {"a": True}},
        {"met": {}, "free": -1},
        {"met": {}, "free": True},
        {"met": {}, "free": float("nan")},
        {"met": {}, "comment": 3},
        {"met": {}, "marked": "yes"},
    ],
)
def test_what_our_script_does_not_send_is_refused(body: dict[str, object]) -> None:
    """Unknown items, shares that are none, marks that are no numbers."""
    assert given_from(body, [ItemPoints("a", "a", 1)]) is None
    assert given_from({"met": {"a": 0.5}, "free": 2, "marked": True}, [ItemPoints("a", "a", 1)]) is not None


def test_names_are_masked_wherever_they_stand() -> None:
    """Whole words in any case, parts of names and addresses too; a short name masks nothing else."""
    mask = name_mask(("jdupont", "Jeanne", "Dupont", "Li"))
    assert (
        masked_text("JEANNE Dupont (jdupont) aime li et la jeannette.", mask)
        == "▇▇▇ ▇▇▇ (▇▇▇) aime li et la jeannette."
    )
    assert masked_text("x", name_mask(("", "Li"))) == "x"


def test_code_is_cut_into_lines_that_close_their_colours() -> None:
    """A text over two lines is coloured on both, and every element of a line ends in it."""
    lines = code_lines('x = """un\ndeux""" < 3')
    assert [line.count("<span") - line.count("</span>") for line in lines] == [0, 0]
    assert "&lt;" in lines[1]
    assert lines[1].startswith("<span")
