"""What stands on a student's page, and what never does."""

import copy
import html
import re
from typing import Any

import pytest

from checks.report import Masks
from closed_doors.core.wording import wording
from closed_doors.grading.verdict.autograded_notebook import REMARKS_ID
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import CellVerdict, Detail, Diagnosis, Status, Verdict
from closed_doors.nbgrader.gradebook_reader import Comment
from closed_doors.pages.feedback.advice import advice
from closed_doors.pages.feedback.feedback_content import content, headings
from closed_doors.pages.feedback.feedback_page import feedback_page, late
from support import works
from support.works import ANSWER, CELLS, CHECK, FOUND, PICTURE, SECRET, cell, criterion, lesson, mark, verdicts, work

COMMENTED, EMPTY, EMPTY_TEXT, GENERAL, NOTHING_YET, TEXT = (
    wording().say(f"advice.{name}") for name in ("commented", "empty", "empty_text", "general", "nothing_yet", "text")
)
UNTOUCHED = {"reponse": Comment("No response.", ""), "question": Comment("No response.", "")}


def page(**given: Any) -> str:
    """A page as text: entities resolved, no-break spaces as blanks, runs of blanks as one."""
    return " ".join(html.unescape(feedback_page(work(**given))).replace("\u00a0", " ").split())


def words(**given: Any) -> str:
    """What a reader of the page reads."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page(**given)).split())


def steps(**given: Any) -> list[tuple[str, str]]:
    return [
        (str(step.exercise.title), step.reason.replace("\u00a0", " "))
        for step in advice(content(work(**given)).exercises, wording())
    ]


def without_mark(status: Status, reason: Remark) -> Verdict:
    return Verdict(assignment="petit", student="alice", notebook="petit", status=status, reason=reason)


def test_the_mark_and_each_exercise_are_there() -> None:
    """The mark out of 20 with a decimal comma, the points behind it, and every exercise with its own."""
    text = words()
    assert "11,67 / 20" in text
    assert "Soit 3,5 points sur 6." in text
    assert "Exercice 1. Le double 2 / 4" in text
    assert "Question. Pourquoi ? 1,5 / 2" in text
    assert "provisoire" not in text


def test_criteria_code_and_answer_are_there() -> None:
    """Met and missed in words, the message, the student's own code and text."""
    text = words()
    assert "✓ Réussi Le double de 2 est 4." in text
    assert "✗ Manqué Le double d'autres nombres. vérifié à la correction Votre code ne remplit pas ce critère" in text
    assert "def double ( n ):" in text
    assert "<math" in page()
    assert "Note de cette réponse : 1,5 point sur 2." in text


def test_lessons_make_no_exercise() -> None:
    """A section that asks nothing of the student is not on the page; nor is a control that is met."""
    control = [lesson("### Contrôle", "controle"), cell("code", "run_tests()", "verification", grade=True, points=0)]
    found = verdicts(criterion("Le module est là."))
    titles = [str(e.title) for e in content(work(cells=[*CELLS[:4], *control], found=found, marks={})).exercises]
    assert titles == ["Exercice 1. Le double"]
    found = verdicts(criterion("Le module est là.", False))
    assert "Contrôle" in words(cells=[*CELLS[:4], *control], found=found, marks={})


def test_nothing_of_the_instructors_cells_is_shown() -> None:
    """Not a grading cell's source, its output or its test's names; not a mark scheme; not a lesson's output."""
    cells = copy.deepcopy(list(CELLS))
    cells[4]["outputs"] = [
        {"output_type": "error", "ename": "AssertionError", "evalue": SECRET, "traceback": [SECRET]},
        {"output_type": "stream", "name": "stdout", "text": SECRET},
    ]
    printed = {"output_type": "stream", "name": "stdout", "text": SECRET}
    cells.insert(2, cell("code", f"print('{SECRET}')", "demonstration", (printed,)))
    cells.insert(3, lesson(f"<details>{SECRET}</details>", "aide"))
    masks = Masks(("10",), ("01",))
    found = verdicts(criterion("Un critère.", False, hidden=True, masks=masks))
    for each in (FOUND, found):
        assert SECRET not in page(cells=cells, found=each)
    assert "masque attendu" not in page(found=found)


def test_open_doors_show_what_the_tests_printed_and_no_error() -> None:
    """Without a verdict file, the printed report is there; an error's text, which quotes the test, is not."""
    report = {"output_type": "stream", "name": "stdout", "text": "✓ Le double de 2 est 4.\n"}
    error = {"output_type": "error", "ename": "AssertionError", "evalue": SECRET, "traceback": [SECRET]}
    cells = [*CELLS[:4], CHECK | {"outputs": [error, report]}]
    text = words(cells=cells, found=None)
    assert "✓ Le double de 2 est 4." in text
    assert SECRET not in text


def test_a_task_shows_the_comment_and_not_its_cell() -> None:
    """nbgrader's task cells hold the instructor's words and mark scheme; the mark and the comment are the student's."""
    cells = [lesson("### Tâche", "titre"), cell("markdown", SECRET, "tache", task=True, points=2)]
    text = words(cells=cells, marks={"tache": mark(2, None, 1.0)}, comments={"tache": Comment("", "Bien mené.")})
    assert "Note de cette réponse : 1 point sur 2." in text
    assert "Bien mené." in text
    assert SECRET not in text


def test_masks_of_a_public_example_are_drawn() -> None:
    """Both masks, with words for who can't see them; the message's own drawing is not repeated."""
    drawn = Masks(("10", "11"), ("11", "10"))
    message = "create(2) : 2 valeurs différentes sur 4.\n    attendu    obtenu\n    ■ ·    ■ ▣"
    shown = page(found=verdicts(criterion("L'exemple.", False, message, masks=drawn)))
    assert 'aria-label="Votre masque, ligne par ligne : 1 1 ; 1 0."' in shown
    assert 'aria-label="Le masque attendu, ligne par ligne : 1 0 ; 1 1."' in shown
    assert shown.count("<path") == 2
    assert "create(2) : 2 valeurs différentes sur 4." in shown
    assert "▣" not in shown


def test_other_values_keep_their_lines() -> None:
    """What was expected and what came stays laid out, in a box of its own."""
    message = "f(2) : 1 valeur différente sur 2.\n    attendu : [1, 2]\n    obtenu  : [1, 3]"
    made = html.unescape(feedback_page(work(found=verdicts(criterion("L'exemple.", False, message, masks=None)))))
    assert "    attendu : [1, 2]\n    obtenu  : [1, 3]" in made


def test_outputs_are_shown() -> None:
    """Text, tables, pictures with their words, and the student's own errors."""
    outputs = (
        {"output_type": "stream", "name": "stdout", "text": "un\n"},
        {"output_type": "stream", "name": "stdout", "text": "deux\n"},
        {
            "output_type": "display_data",
            "data": {"text/html": "<table><tr><td>trois</td></tr></table>"},
            "metadata": {},
        },
        {"output_type": "display_data", "data": {"image/png": PICTURE}, "metadata": {"image/png": {"alt": "Un carré"}}},
        {"output_type": "display_data", "data": {"image/png": PICTURE}, "metadata": {}},
        {"output_type": "error", "ename": "ValueError", "evalue": "non", "traceback": ["\x1b[31mligne 3\x1b[0m"]},
    )
    shown = page(cells=[*CELLS[:3], cell("code", "x", "reponse", outputs, solution=True), *CELLS[4:]])
    assert "un deux" in shown
    assert "<td>trois</td>" in shown
    assert 'alt="Un carré"' in shown
    assert 'alt="Figure affichée par votre code, sans description"' in shown
    assert "ValueError: non" in shown
    assert "<pre>ligne 3</pre>" in shown


def test_added_cells_stay_where_they_were_put() -> None:
    """Those of an exercise are in it, the others at the end; grading's own remarks are no cell of the student."""
    own = [cell("code", "essai = 1"), cell("markdown", "Une note.")]
    cells = [
        cell("markdown", "note de TA") | {"id": REMARKS_ID},
        cell("code", "avant = 0"),
        *CELLS[:4],
        *own,
        *CELLS[4:],
    ]
    found = content(work(cells=cells))
    assert [len(exercise.own) for exercise in found.exercises] == [2, 0]
    assert len(found.elsewhere) == 1
    assert "note de TA" not in words(cells=cells)


def test_a_hint_stands_above_the_criteria() -> None:
    """A recognised misconception is said once, and leads the advice."""
    found = verdicts(*FOUND.cells[0].criteria, diagnosis=Diagnosis("x", "vous ajoutez au lieu de doubler."))
    text = words(found=found)
    assert "Piste : vous ajoutez au lieu de doubler. ✓ Réussi" in text
    assert steps(found=found)[0][1] == "Piste : vous ajoutez au lieu de doubler."


def test_people_have_the_last_word() -> None:
    """Comments, points given by hand and extra points are said."""
    marks = {"verification": mark(4, 2.0, 3.0, extra=0.5), "question": mark(2, None, 2.0)}
    text = words(marks=marks, comments={"reponse": Comment("", "Bonne **idée**, à terminer.")})
    assert "Votre correcteur a revu cette partie : 3 points sur 4." in text
    assert "Points ajoutés par votre correcteur : 0,5 point." in text
    assert "Commentaire de votre correcteur Bonne idée , à terminer." in text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (mark(2, None), "Cette réponse attend encore la lecture de votre correcteur (2 points à attribuer)."),
        (mark(2, None, 1.0, pending=True), "que votre correcteur doit encore confirmer : 1 point sur 2."),
    ],
)
def test_a_mark_that_may_change_is_called_so(question: Any, said: str) -> None:
    """Where manual grading is not finished, the page says it at the top and beside the answer."""
    text = words(marks=works.MARKS | {"question": question})
    assert "note provisoire" in text
    assert said in text


def test_lateness_is_said_plainly() -> None:
    """The penalty with its arithmetic; or that there is none."""
    text = words(penalty=1.0, late_s=90_000)
    assert "arrivé 1 jour 1 h après la date limite. La pénalité de retard est de 1 point" in text
    assert "3,5 points − 1 = 2,5 points." in text
    assert "8,33 / 20" in text
    assert "arrivé 2 h 05 après la date limite, sans pénalité." in words(late_s=7500)
    assert "date limite" not in words()


@pytest.mark.parametrize(("seconds", "said"), [(0, ""), (5, "1 min"), (3600, "1 h"), (2 * 86_400 + 10, "2 jours")])
def test_durations_read_well(seconds: float, said: str) -> None:
    """No zero units, and French plurals."""
    assert late(seconds, wording()).replace("\u00a0", " ") == said


def test_a_check_that_was_cut_short_is_to_be_looked_at() -> None:
    """Where a verdict is missing, the page says so instead of blaming the student."""
    assert "À revoir : cette vérification n'a pas pu être menée" in words(found=verdicts(complete=False))


def test_an_empty_exercise_is_no_list_of_failures() -> None:
    """Who has written nothing reads what would be checked, not one failure after another."""
    found = verdicts(criterion("Le double de 2 est 4.", False, "double n'est pas encore écrite."))
    text = words(found=found, comments=UNTOUCHED, marks={"verification": mark(4, 0.0), "question": mark(2, 0.0)})
    assert "Vous n'avez rien écrit dans cet exercice." in text
    assert "○ À faire Le double de 2 est 4." in text
    assert "Manqué" not in text
    assert "encore écrite" not in text


def test_work_that_could_not_be_graded_has_a_kind_page() -> None:
    """What was found, what to do, no mark; the advice to the TA is left out."""
    reason = Remark(RemarkCode.NOT_JSON, arguments={"file": "petit.ipynb", "error": "ligne 1"})
    text = words(cells=(), found=without_mark(Status.UNREADABLE, reason))
    assert "Votre fichier n'a pas pu être corrigé" in text
    assert "ce n'est pas du JSON (ligne 1)." in text
    assert "Demandez à l'étudiant" not in text
    assert "/ 20" not in text
    assert "n'a pas été rendu" in words(cells=(), found=without_mark(Status.MISSING, reason))


def test_a_notebook_without_points_has_no_mark() -> None:
    """Practice is practice."""
    text = words(marks={})
    assert "Ce notebook ne rapporte pas de points." in text
    assert "/ 20" not in text


def test_remarks_of_grading_are_passed_on() -> None:
    """What was mended in the submission is said."""
    found = verdicts(remarks=(Remark(RemarkCode.MISSING_CELL, "x"),))
    assert "La cellule « x » manquait dans le travail rendu." in words(found=found)


def test_further_reading_is_for_who_has_finished() -> None:
    """The course's own suggestion stands under an exercise with all its points, and only there."""
    cells = [*CELLS[:5], lesson("**Pour aller plus loin.** Et le triple ?", "exercice-plus-loin"), *CELLS[5:]]
    assert "Et le triple" not in words(cells=cells)
    assert "Et le triple" in words(cells=cells, marks=works.MARKS | {"verification": mark(4, 4.0)})


def test_advice_begins_with_what_weighs_most() -> None:
    """Each exercise that lost points, the most first, with a reason that fits; never one that awaits its marks."""
    exercise, question = "Exercice 1. Le double", "Question. Pourquoi ?"
    assert steps() == [(exercise, GENERAL.replace("\u00a0", " ")), (question, TEXT)]
    assert steps(comments={"question": Comment("", "Relisez.")})[1] == (question, COMMENTED)
    assert steps(marks=works.MARKS | {"question": mark(2, None)}) == [(exercise, GENERAL)]
    assert steps(comments={"reponse": UNTOUCHED["reponse"]})[0] == (exercise, EMPTY.replace("\u00a0", " "))
    assert steps(comments={"question": UNTOUCHED["question"]})[1] == (question, EMPTY_TEXT)
    assert steps(comments=UNTOUCHED) == [(exercise, NOTHING_YET.replace("\u00a0", " "))]
    assert steps(marks={"verification": mark(4, 4.0), "question": mark(2, None, 2.0)}) == []
    seen = verdicts(criterion("Le double de 2 est 4.", False, "double(2) vaut 5."))
    assert steps(found=seen)[0][1] == "À corriger d'abord : « Le double de 2 est 4 ». double(2) vaut 5."
    assert "Tous les points sont acquis" in words(marks={"verification": mark(4, 4.0), "question": mark(2, None, 2.0)})


def test_headings_in_code_are_none() -> None:
    """A comment in a block of code begins no exercise."""
    assert list(headings("# Un\n```python\n# non\n```\n### Deux ###\n#non")) == [(1, "Un"), (3, "Deux")]


def test_the_same_work_gives_the_same_bytes() -> None:
    """A page holds no time and no chance, so that an unchanged one is known."""
    assert feedback_page(work()) == feedback_page(work())


def test_the_page_forbids_what_it_does_not_need() -> None:
    """The policy names the one style sheet by its hash and nothing else; the page has neither script nor address."""
    made = feedback_page(work(cells=[*CELLS[:3], ANSWER, *CELLS[4:]]))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', made)
    assert policy
    assert html.unescape(policy[1]).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"<script|<iframe|<object|<link rel=\"style|style=\"|\bon\w+=|https?:", made)


def test_what_people_fill_in_is_text() -> None:
    """Names, messages, remarks and hints are escaped; an output that is not what it claims is not shown."""
    tag = "<img src=x onerror=alert(1)>"
    forged = {"output_type": "display_data", "data": {"image/png": f'AAAA">{tag}'}, "metadata": {}}
    found = verdicts(
        criterion(tag, False, f"{tag}\n{tag}"),
        diagnosis=Diagnosis(tag, tag),
        remarks=(Remark(RemarkCode.UNKNOWN_CELL, tag),),
    )
    cells = [*CELLS[:3], cell("code", tag, "reponse", (forged,), solution=True), *CELLS[4:]]
    made = feedback_page(work(student=tag, found=found, cells=cells))
    assert "<img" not in made
    assert made.count("&lt;img src=x") >= 7
    assert "Sortie de type image/png" in made


FRENCH = re.compile(r"[éèêàçùîôûœ«»]|\b(?:votre|vous|sur|critère|points? sur)\b", re.IGNORECASE)


def test_an_english_course_has_an_english_page() -> None:
    """All that is ours is English, numbers too; what the course itself says stays as it is."""
    cells = [lesson("# Assignment"), lesson("### Exercise 1. Double", "exercise"), ANSWER, CHECK, cell("code", "x = 1")]
    missed = criterion("Doubles 2.", False, "double(2) is 5.", masks=Masks(("10", "11"), ("11", "10")))
    told: Any = {
        "diagnosis": Diagnosis("x", "you add."),
        "remarks": (Remark(RemarkCode.CELL_OUT_OF_TIME, 7, {"seconds": 2.5}),),
    }
    given: Any = {"cells": cells, "language": "en", "late_s": 90_000, "penalty": 0.5}
    text = words(found=verdicts(missed, criterion("Doubles others.", hidden=True), **told), **given)
    assert "2.5 s" in text
    assert "arrived 1 day 1 h after the deadline" in text
    assert "✗ Missed Doubles 2." in text
    assert not FRENCH.findall(text)
    reason = Remark(RemarkCode.NOT_JSON, arguments={"file": "petit.ipynb", "error": "line 1"})
    assert not FRENCH.findall(words(cells=(), found=without_mark(Status.UNREADABLE, reason), language="en"))


TWO = (
    lesson("### Exercice 1"),
    ANSWER,
    CHECK,
    lesson("### Exercice 2", "suite"),
    cell("code", "def f(n):\n    return n", "reponse-2", solution=True),
    cell("code", "run_tests(points=4)", "verification-2", grade=True, points=4),
)


def told_by(detail: Detail, first: str, second: str) -> str:
    """The page of two exercises of four points, each with a visible criterion that is met and these hidden ones."""
    cells, marks = [], {}
    for name, said in (("verification", first), ("verification-2", second)):
        hidden = [criterion(f"C{n}", each == "1", hidden=True) for n, each in enumerate(said)]
        every = (criterion("Vu."), *hidden)
        earned = 4 * sum(one.passed for one in every) / len(every)
        cells.append(CellVerdict(name, 4.0, earned, 4.0, every, detail=detail))
        marks[name] = mark(4, earned)
    return feedback_page(
        work(TWO, Verdict(assignment="petit", student="alice", notebook="petit", cells=tuple(cells)), marks)
    )


def test_less_detail_leaves_the_mark_of_the_whole() -> None:
    """Where hidden criteria are told in less detail, a page is the same whichever exercise has missed how many."""
    halves = (("101", "010"), ("010", "101"), ("001", "110"), ("100", "101"))
    assert len({told_by(Detail.EACH, *each) for each in halves}) == 4
    assert len({told_by(Detail.POINTS, *each) for each in halves}) == 2
    assert len({told_by(Detail.WHETHER, *each) for each in halves}) == 1
    whole = (("111", "000"), ("000", "111"), ("100", "110"))
    assert len({told_by(Detail.WHETHER, *each) for each in whole}) == 3
    assert len({told_by(Detail.NOTHING, *each) for each in whole}) == 1
    assert len({told_by(Detail.NOTHING, *each) for each in (*whole, ("110", "110"))}) == 2


def test_less_detail_is_said_in_words() -> None:
    """A student reads that some are missed, or that they are not told, and is not told that all is done."""
    whether, nothing = told_by(Detail.WHETHER, "111", "000"), told_by(Detail.NOTHING, "111", "000")
    assert "Les 3 critères vérifiés à la correction, ensemble." in whether
    assert "jusqu&#39;à 4" in whether
    assert "4 / 4" in whether
    assert "ne dit pas lesquels sont remplis" in nothing
    assert "Tout ce que cette page montre est réussi." in nothing
    assert "4 / 4" not in nothing
