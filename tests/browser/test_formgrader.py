"""What a TA does in formgrader, in a real browser: autograde, read, mark; and what no submission does there."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.attacks import HTML, Arsenal, attacking, unsafe
from tests.browser.conftest import Watch, jupyter_lab

from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.local_pool import local_pool
from closed_doors.core.layout import CONFIG_NAME, Layout
from closed_doors.core.profile import PROFILE_NAME
from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import hand_in
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings

expect.set_options(timeout=20_000)  # a busy machine is no failure
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

ASSIGNMENT = "masque_causal"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
STRANGE = 'z"><img src=x onerror=fired(9001)>'  # a folder's name, as a platform might make it of a student's
HONEST = ("alice", "emma", "nina")
QUESTION = "question-2-reponse"


@dataclass(frozen=True, slots=True)
class Formgrader:
    """A running formgrader on a class, of which one half is graded by `course autograde`."""

    root: Path
    address: Callable[[str], str]
    arsenal: Arsenal

    def open(self, page: Page, path: str) -> None:
        """Log in, which formgrader's own pages can't, and open one of its pages."""
        page.goto(self.address("api"))
        page.goto(self.address(f"formgrader/{path}"))
        page.wait_for_load_state("networkidle")

    def submission(self, student: str) -> str:
        """Return the path of the page on which the student's work is marked."""
        with sqlite3.connect(self.root / "gradebook.db") as gradebook:
            query = (
                "SELECT n.id FROM submitted_notebook n JOIN submitted_assignment a ON a.id = n.assignment_id"
                " WHERE a.student_id = ?"
            )
            (found,) = gradebook.execute(query, (student,)).fetchone()
        return f"submissions/{found}/"


@pytest.fixture(scope="module")
def formgrader(repository: Layout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formgrader]:
    """Honest students, a student who attacks and one with a strange name; what the button grades is not graded yet."""
    root = tmp_path_factory.mktemp("formgrader")
    for name in (CONFIG_NAME, PROFILE_NAME):
        shutil.copy(repository.root / name, root)
    shutil.copytree(repository.source / ASSIGNMENT, root / "source" / ASSIGNMENT)
    release = repository.root / "release" / ASSIGNMENT / NOTEBOOK
    demo = read_class(repository.examples / ASSIGNMENT)
    course, arsenal = NbgraderCourse(root), Arsenal()
    course.register(ASSIGNMENT)
    for student in demo.students:
        if student.id in HONEST:
            hand_in(demo, student, release, root / "submitted")
            course.add_student(student.id, student.first_name, student.last_name)
    attack = attacking(nbformat.read(release, as_version=4), arsenal)
    for attacker in ("by_course", "by_button", "unsafe", STRANGE):
        folder = root / "submitted" / attacker / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(attack, folder / NOTEBOOK)
        (folder / f"{arsenal.one('file name', HTML[18])}.txt").touch()
        names = [arsenal.one(f"{part} of {attacker}", HTML[18]) for part in ("first name", "last name")]
        course.add_student(attacker, *names)
    run = Run(read_settings(root), ASSIGNMENT, Options(students=("alice", "nina", "by_course", "unsafe", STRANGE)))
    todo, _ = run.plan()
    summary = run.grade(todo, local_pool(2))
    assert not summary.refused
    assert not summary.failed
    nbformat.write(unsafe(), root / "autograded" / "unsafe" / ASSIGNMENT / NOTEBOOK)
    with jupyter_lab(root, tmp_path_factory.mktemp("home")) as address:
        yield Formgrader(root, address, arsenal)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Page]:
    """A page without the policy that would stop scripts: what holds here holds by cleaning alone."""
    context = browser.new_context(bypass_csp=True, locale="fr-FR")
    yield context.new_page()
    context.close()


def autograde(page: Page, formgrader: Formgrader, student: str) -> None:
    """Press formgrader's button for one student's work."""
    formgrader.open(page, f"manage_submissions/{ASSIGNMENT}")
    page.locator(f'tr:has(.student-id:text-is("{student}")) .autograde a').click()
    expect(page.locator("#success-modal")).to_contain_text("Successfully autograded", timeout=120_000)


def test_a_ta_autogrades_marks_comments_and_sees_the_total(
    formgrader: Formgrader, page: Page, watch: Watch, picture: Callable[[Page, str], None]
) -> None:
    """From the button to the total, with the mark scheme in view and the formulas drawn; the console stays silent."""
    autograde(page, formgrader, "emma")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#success-modal")).to_be_hidden()
    picture(page, "formgrader-travaux")
    formgrader.open(page, formgrader.submission("emma"))
    total = page.locator("#total")
    expect(total).to_have_text("10,5 / 20, 1 réponse à noter")
    picture(page, "formgrader-resume")
    page.locator("#sommaire").get_by_role("link", name="Question rédigée").click()
    expect(page.locator(f"#{QUESTION}")).to_be_focused()
    scheme = page.get_by_text("Barème de correction")
    expect(scheme).to_be_in_viewport()
    expect(page.locator(".bareme .MathJax").first).to_be_visible(timeout=60_000)
    page.locator(f"#{QUESTION}").fill("2")
    comment = page.locator(f"#{QUESTION}-comment")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.ok):
        comment.fill("Bon raisonnement ; donnez aussi la borne.")
        comment.blur()
    expect(total).to_have_text("12,5 / 20")
    expect(page.locator(f"[data-points={QUESTION}]")).to_have_text("2 / 3")
    expect(scheme).to_be_in_viewport()
    page.wait_for_timeout(1500)  # nbgrader's marks of saving fade
    picture(page, "formgrader")
    checks = page.locator("#cellule-exercice-1-verification")
    checks.evaluate("element => element.scrollIntoView({block: 'center'})")
    expect(checks.get_by_text("1 critère réussi sur 3 : 1 point sur 4.")).to_be_visible()
    expect(checks.get_by_text("BEGIN HIDDEN TESTS")).to_be_hidden()
    picture(page, "formgrader-verification")
    page.reload()
    expect(comment).to_have_value("Bon raisonnement ; donnez aussi la borne.")
    expect(total).to_have_text("12,5 / 20")
    mark = NbgraderCourse(formgrader.root).mark(ASSIGNMENT, "emma")
    assert mark is not None
    assert (mark.score, mark.needs_manual_grade) == (12.5, False)
    lesson = page.locator("details.pli").first
    expect(lesson.locator(".MathJax")).to_have_count(0)
    lesson.locator("summary").first.click()
    expect(lesson.locator(".MathJax").filter(visible=True).first).to_be_visible(timeout=60_000)
    assert watch.errors == []
    assert watch.elsewhere == []


def test_the_keyboard_and_the_names(formgrader: Formgrader, page: Page, watch: Watch) -> None:
    """Names stay hidden until asked for, the keyboard goes from box to box, and help is in French."""
    formgrader.open(page, formgrader.submission("alice"))
    expect(page.get_by_text("Alice Exemple")).to_be_hidden()
    page.get_by_role("button", name="Montrer le nom").click()
    expect(page.get_by_text("Alice Exemple")).to_be_visible()
    page.locator("#exercice-1-verification").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#exercice-1-verification_extra_credit")).to_be_focused()
    page.locator(".help").click()
    expect(page.get_by_text("Même question, travail suivant", exact=True)).to_be_visible()
    assert watch.errors == []


def test_what_went_wrong_stands_on_top(
    formgrader: Formgrader, page: Page, picture: Callable[[Page, str], None]
) -> None:
    """A loop that never ended is told in French, above the work."""
    formgrader.open(page, formgrader.submission("nina"))
    page.locator("#cellule-exercice-1-verification").evaluate("element => element.scrollIntoView({block: 'center'})")
    expect(page.get_by_text("ne répond pas en 5 s").first).to_be_visible()


PAGES = [
    "manage_assignments",
    f"manage_submissions/{ASSIGNMENT}",
    "gradebook",
    f"gradebook/{ASSIGNMENT}",
    f"gradebook/{ASSIGNMENT}/{ASSIGNMENT}",
    "manage_students",
    "manage_students/by_course",
    f"manage_students/by_course/{ASSIGNMENT}",
    f"manage_students/{quote(STRANGE, safe='')}",
    f"manage_students/{quote(STRANGE, safe='')}/{ASSIGNMENT}",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_name_runs_in_a_list(formgrader: Formgrader, open_page: Page, path: str) -> None:
    """Names, ids and files with payloads are text in every list of formgrader, and nothing else goes wrong there."""
    watch = Watch(open_page)
    formgrader.open(open_page, path)
    if "manage_students/z" not in path:  # nbgrader's own script can't ask for such an id
        expect(open_page.get_by_text("Loading, please wait")).to_have_count(0)
        assert watch.errors == []
    open_page.wait_for_timeout(300)
    assert heard(watch, formgrader.arsenal) == []


DANGER = """() => [...document.querySelectorAll('#notebook-container *')].flatMap(element => [
  ...(/^(script|iframe|frame|object|embed|form|base|meta|link|style|svg|video|input)$/i.test(element.localName)
      && !/^math/.test(element.type) && !element.matches('.score, .extra-credit') ? [element.localName] : []),
  ...[...element.attributes].filter(a => /^on/i.test(a.name)).map(a => `${element.localName} ${a.name}`),
  ...(element.localName === 'a' && element.href && !/^(https?|mailto):/.test(element.href) ? [element.href] : []),
])"""


@pytest.mark.parametrize("student", ["by_course", "by_button", STRANGE])
def test_no_submission_runs(formgrader: Formgrader, open_page: Page, student: str) -> None:
    """Whichever way the work was graded, no payload of it runs, waits for a click, or asks for another machine."""
    watch = Watch(open_page)
    if student == "by_button":
        autograde(open_page, formgrader, student)
    formgrader.open(open_page, formgrader.submission(student))
    expect(open_page.locator("#total")).to_contain_text("/ 20")
    shown = open_page.locator("#notebook-container")
    expect(shown).to_contain_text("onerror=fired", timeout=10_000)  # there as text
    assert open_page.evaluate(DANGER) == []
    for place in open_page.locator("#notebook-container a, #notebook-container .MathJax").all()[:60]:
        place.dispatch_event("mouseover")
    open_page.wait_for_timeout(500)
    assert heard(watch, formgrader.arsenal) == []
    assert watch.elsewhere == []


def test_the_detector_hears_what_nobody_cleaned(formgrader: Formgrader, open_page: Page) -> None:
    """The same detector, on a notebook written into autograded/ as it is: its scripts run, its picture is asked for."""
    watch = Watch(open_page)
    formgrader.open(open_page, formgrader.submission("unsafe"))
    open_page.wait_for_timeout(500)
    assert {1, 2} <= set(watch.fired)
    assert any("canary" in address for address in watch.elsewhere)
    assert open_page.evaluate(DANGER) != []


def test_the_policy_stops_what_nobody_cleaned(formgrader: Formgrader, page: Page, watch: Watch) -> None:
    """With its policy on, the page runs no script of that notebook and asks for nothing elsewhere."""
    formgrader.open(page, formgrader.submission("unsafe"))
    page.wait_for_timeout(500)
    assert watch.fired == []
    assert watch.elsewhere == []
    assert any("Content Security Policy" in error for error in watch.errors)


def heard(watch: Watch, arsenal: Arsenal) -> list[object]:
    """Return the payloads that ran."""
    return [arsenal.known.get(number, number) if isinstance(number, int) else number for number in watch.fired]
