"""The marking desk in a real browser: by keys alone, without a connection, with payloads wherever one can write."""

import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.attacks import HTML, MARKDOWN, Arsenal
from tests.browser.conftest import Watch, jupyter_lab
from tests.browser.pages import LAPTOP, PHONE, sideways, violations

from closed_doors.desk.marking_desk import MarkingDesk, Person
from closed_doors.nbgrader import desk_records as records
from closed_doors.nbgrader.gradebook_students import enter_students
from closed_doors.nbgrader.marking_store import Given
from support.courses import ASSIGNMENT
from support.written_classes import QUESTION, WrittenClass, desk_on, written_class

expect.set_options(timeout=20_000)  # a busy machine is no failure
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

Q = f"q/{ASSIGNMENT}/{ASSIGNMENT}/{QUESTION}"
WORDS = ("doubler", "nombre", "ajouter", "somme", "exemple", "deux", "trois", "négatif", "borne", "produit", "entier")
CLASS = ("class/", "class/etudiant01/")
ITEMS = ("définition", "exemple", "borne")


def answers(count: int) -> dict[str, str]:
    chance = random.Random(7)
    return {
        f"etudiant{number:02}": " ".join(chance.choices(WORDS, k=40))
        + f"\n\nAinsi $2 \\times {number} = {2 * number}$."
        for number in range(count)
    }


@dataclass
class Desk:
    """A desk that runs on a class."""

    written: WrittenClass
    address: str

    @property
    def at(self) -> str:
        split = urlsplit(self.address)
        return f"http://{split.netloc}/desk/"

    def open(self, page: Page, path: str = "") -> None:
        """Come in by the token, then go to one of the desk's pages."""
        page.goto(self.address)
        if path:
            page.goto(self.at + path)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    written = written_class(tmp_path / "course", answers(6))
    with desk_on(written.root) as address:
        yield Desk(written, address)


def saved(page: Page, text: str = "Enregistré.") -> None:
    expect(page.locator("#notice")).to_have_text(text)


def number_of(page: Page, number: int) -> None:
    expect(page.locator("#answer-title")).to_contain_text(re.compile(rf"Réponse {number} sur"))


def test_thirty_answers_by_keys_in_a_third_of_formgraders(tmp_path: Path, page: Page, watch: Watch) -> None:
    """The same marks, and the student is told the same, met and missing; formgrader shows the desk's marks."""
    written = written_class(tmp_path / "course", answers(30))
    chance = random.Random(3)
    wanted = {student: sorted(chance.sample(range(3), chance.choice((1, 2, 2, 3)))) for student in written.answers}
    with desk_on(written.root) as address:
        page.goto(address)
        page.get_by_role("link", name="Noter").click()
        keys = 1 + sum(mark_by_keys(page, number, wanted[student]) for number, student in enumerate(wanted, start=1))
        saved(page, "Tout est noté dans votre part. Les réponses que vous avez passées se retrouvent dans la liste.")
    assert {student: written.mark(student)[0] for student in wanted} == {s: len(met) for s, met in wanted.items()}
    assert watch.errors == []
    with jupyter_lab(written.root, tmp_path / "home") as lab:
        page.goto(lab("api"))
        for student in list(wanted)[:2]:
            page.goto(lab(f"formgrader/submissions/{submitted(written, student)}/"))
            expect(page.locator(f"#{QUESTION}")).to_have_value(re.compile(rf"^{len(wanted[student])}$"))
            assert mark_in_formgrader(page, wanted[student]) == presses_in_formgrader(wanted[student])
        page.goto(lab("desk/"))
        expect(page.get_by_role("heading", name="Le bureau de notation")).to_be_visible()
        expect(page.get_by_text("30 sur 30 notées")).to_be_visible()
    by_hand = sum(map(presses_in_formgrader, wanted.values()))
    assert keys * 3 <= by_hand, (keys, by_hand)


def mark_by_keys(page: Page, number: int, met: list[int]) -> int:
    """Mark an answer at the desk and go on; returns how many keys that takes."""
    number_of(page, number)
    keys = ["a"] if len(met) == 3 else [*(str(item + 1) for item in met), "n"]
    for key in keys:
        page.keyboard.press(key)
    return len(keys)


def missed(met: list[int]) -> str:
    """What formgrader has to be told, for the student to know what is missing."""
    names = [name for number, name in enumerate(ITEMS) if number not in met]
    return f"Manque : {', '.join(names)}." if names else ""


def presses_in_formgrader(met: list[int]) -> int:
    """A click on the points, a digit, twice Tab and a comment where something is missing, a click on "next"."""
    return 1 + 1 + (2 + len(missed(met)) if missed(met) else 0) + 1


def mark_in_formgrader(page: Page, met: list[int]) -> int:
    """Mark an answer on formgrader's page and go on; returns how many keys and clicks that takes."""
    page.locator(f"#{QUESTION}").click(click_count=3)  # one, where nothing stood there yet
    page.keyboard.insert_text(str(len(met)))
    presses = 2
    if missed(met):
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator(f"#{QUESTION}-comment")).to_be_focused()
        page.keyboard.insert_text(missed(met))
        presses += 2 + len(missed(met))
    page.locator("li.next a").click()
    return presses + 1


def submitted(written: WrittenClass, student: str) -> str:
    query = (
        "SELECT n.id FROM submitted_notebook n JOIN submitted_assignment a ON a.id = n.assignment_id"
        f" WHERE a.student_id = '{student}'"
    )
    return str(written.course.rows(query)[0][0])


def test_every_key_does_what_the_card_says(
    desk: Desk, page: Page, watch: Watch, picture: Callable[[Page, str], None]
) -> None:
    """Items, half, undo, skip, flag, comment, saved comment, free mark, the rest of the work, back, the card."""
    desk.open(page, f"{Q}/next")
    title = page.locator("#answer-title")
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("h")
    expect(page.locator("#free")).to_have_value("1,5")
    saved(page)
    assert desk.written.mark("etudiant00")[:2] == (1.5, False)
    page.keyboard.press("u")
    expect(page.locator("#free")).to_have_value("")  # all that was given since the answer came
    assert desk.written.mark("etudiant00")[:2] == (None, True)
    page.keyboard.press("1")
    page.keyboard.press("c")
    page.keyboard.type("Donnez la borne ; n et ? sont du texte ici.")
    saved(page)
    page.get_by_role("button", name="Garder ce commentaire").click()
    saved(page, "Commentaire gardé pour cette question.")
    picture(page, "bureau")
    page.locator("#answer-title").focus()
    page.keyboard.press("n")
    number_of(page, 2)
    page.keyboard.press("3")
    page.keyboard.press("m")
    page.keyboard.press("1")
    expect(page.locator("#comment")).to_have_value("Donnez la borne ; n et ? sont du texte ici.")
    page.keyboard.press("f")
    expect(page.locator("[data-key=f]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("s")  # marked already: only goes on
    number_of(page, 3)
    page.keyboard.press("p")
    number_of(page, 2)
    page.keyboard.press("n")
    number_of(page, 3)
    page.keyboard.press("x")
    page.keyboard.type("2,25")
    page.keyboard.press("Enter")
    expect(page.locator("#mark-said")).to_contain_text("2,25")
    page.keyboard.press("v")
    expect(page.locator("#work")).to_contain_text("return 2 * n")
    page.keyboard.press("?")
    expect(page.locator("#card")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    page.keyboard.press("0")
    number_of(page, 4)
    saved(page)
    marks = [desk.written.mark(student) for student in ("etudiant00", "etudiant01", "etudiant02")]
    assert [mark[0] for mark in marks] == [1, 1, 0]
    assert marks[1][2] == "Donnez la borne ; n et ? sont du texte ici."
    page.locator("#keys-on").uncheck()
    page.locator("#answer-title").focus()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(title).to_contain_text("Réponse 4")
    assert watch.errors == []
    assert watch.elsewhere == []


def test_without_a_mouse_from_the_first_page(desk: Desk, page: Page) -> None:
    """Tab and Enter alone lead to an answer, mark it and go on; what has the focus can be seen."""
    desk.open(page)
    reach(page, "Noter")
    page.keyboard.press("Enter")
    number_of(page, 1)
    reach(page, "définition")
    page.keyboard.press("Enter")
    expect(page.locator(".item").first).to_have_attribute("aria-pressed", "true")
    reach(page, "Suivante")
    page.keyboard.press("Enter")
    number_of(page, 2)
    assert page.evaluate("document.activeElement.id") == "answer-title"


def reach(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in str(page.evaluate("document.activeElement.innerText")):
            return
    pytest.fail(f"Tab never comes to {name}")


def test_a_lost_connection_loses_nothing(desk: Desk, page: Page) -> None:
    """What is typed without a server is kept, said to be kept, there after a reload, and sent once there is one."""
    desk.open(page, f"{Q}/next")
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.locator("#comment").fill("À ne pas perdre.")
    expect(page.locator("#notice")).to_contain_text("gardée dans ce navigateur")
    page.context.set_offline(False)
    saved(page)
    assert desk.written.mark("etudiant00") == (1.0, False, "À ne pas perdre.")
    with sqlite3.connect(desk.written.root / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        page.locator("#comment").fill("Pendant une correction.")
        expect(page.locator("#notice")).to_contain_text("carnet de notes est occupé", timeout=60_000)
        page.reload()
        expect(page.locator("#comment")).to_have_value("Pendant une correction.")
        other.execute("ROLLBACK")
    saved(page)
    assert desk.written.mark("etudiant00")[2] == "Pendant une correction."


def test_a_mark_above_the_maximum_stays_on_the_page(desk: Desk, page: Page) -> None:
    """It is said, nothing is sent, and one can't go on without mending it."""
    desk.open(page, f"{Q}/next")
    page.locator("#free").fill("4")
    expect(page.locator("#mark-said")).to_contain_text("au-dessus du maximum")
    page.locator("#answer-title").focus()
    page.keyboard.press("n")
    number_of(page, 1)
    expect(page.locator("#free")).to_have_value("4")
    assert desk.written.mark("etudiant00")[0] is None
    page.locator("#free").fill("2,5")
    saved(page)
    assert desk.written.mark("etudiant00")[0] == 2.5


def test_two_people_on_one_answer(desk: Desk, page: Page) -> None:
    """The second is told what the first gave, and chooses."""
    desk.open(page, f"{Q}/next")
    marking = MarkingDesk(desk.written.settings)
    question = marking.question(ASSIGNMENT, ASSIGNMENT, QUESTION)
    assert question is not None
    first = marking.pile(question).markings[0]
    marking.save(question, {first.answer: (first.token, Given({}, 0, "Non.", False, True))}, Person("bruno"))
    page.keyboard.press("1")
    expect(page.locator("#conflict")).to_contain_text("bruno : 0")
    assert desk.written.mark("etudiant00")[0] == 0
    assert violations(page) == []
    page.get_by_role("button", name="Mettre la mienne").click()
    saved(page)
    assert desk.written.mark("etudiant00")[0] == 1


def test_points_change_for_the_whole_class(desk: Desk, page: Page) -> None:
    """A preview says how many marks change, then all of them do."""
    desk.open(page, f"{Q}/next")
    for key in ("1", "n", "1", "n"):
        page.keyboard.press(key)
    number_of(page, 3)
    page.goto(f"{desk.at}{Q}/")
    page.get_by_label("définition").fill("0,5")
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.locator("#items-said")).to_contain_text("Notes qui changent : 2.")
    page.get_by_role("button", name="Appliquer à toute la classe").click()
    expect(page.get_by_text("ne sont pas ceux du devoir")).to_be_visible()
    assert [desk.written.mark(f"etudiant0{number}")[0] for number in (0, 1)] == [0.5, 0.5]


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (LAPTOP, "light"), (LAPTOP, "dark")])
def test_every_page_is_sound(desk: Desk, browser: Browser, width: int, scheme: str) -> None:
    """Nothing sticks out, axe finds nothing serious, whatever the width and the colours."""
    context = browser.new_context(viewport={"width": width, "height": 812}, color_scheme=scheme, locale="fr-FR")
    page = context.new_page()
    desk.open(page)
    try:
        for path in ("", f"{Q}/", f"{Q}/next", f"shares/{ASSIGNMENT}", f"requests/{ASSIGNMENT}", *CLASS, "q/x/y/z/"):
            page.goto(desk.at + path)
            assert [*violations(page), *sideways(page)] == [], path
    finally:
        context.close()


def hostile_class(root: Path, arsenal: Arsenal) -> WrittenClass:
    """Payloads in the answer, in code and what it displays, in names, comments, saved comments and requests."""
    written = written_class(root, {"mallory": "\n\n".join(arsenal.load("answer", HTML + MARKDOWN)), "zoé": "?"})
    path = root / "autograded" / "mallory" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "\n".join(f"# {one}" for one in arsenal.load("code", HTML))
    notebook.cells[1].outputs = [
        *(nbformat.v4.new_output("display_data", {"text/html": one}) for one in arsenal.load("html", HTML)),
        *(
            nbformat.v4.new_output("display_data", {"text/markdown": one})
            for one in arsenal.load("md", HTML + MARKDOWN)
        ),
        nbformat.v4.new_output("stream", text="\n".join(arsenal.load("printed", HTML))),
        nbformat.v4.new_output(
            "error",
            ename=arsenal.one("ename", HTML[1]),
            evalue=arsenal.one("evalue", HTML[1]),
            traceback=arsenal.load("traceback", HTML),
        ),
    ]
    nbformat.write(notebook, path)
    names = [arsenal.one("name", HTML[place]) for place in (1, 18)]
    enter_students(written.settings.db_url, [("mallory", *names, "")])
    desk = MarkingDesk(written.settings)
    question = desk.question(ASSIGNMENT, ASSIGNMENT, QUESTION)
    assert question is not None
    comment = "\n\n".join(arsenal.load("comment", HTML + MARKDOWN))
    for one in desk.pile(question).markings:
        desk.save(
            question, {one.answer: (one.token, Given({}, 1, comment, True, one.student == "zoé"))}, Person(names[0])
        )
    with desk.gradebook() as db:
        for text in arsenal.load("saved comment", HTML):
            records.save_comment(db, question.place, "", text)
        records.add_request(
            db, ASSIGNMENT, "mallory", "\n".join(arsenal.load("request", HTML + MARKDOWN)), datetime(2026, 11, 1)
        )
    return written


@pytest.fixture
def open_context(browser: Browser) -> Iterator[BrowserContext]:
    """Pages without the policy that would stop scripts: what holds here holds by cleaning alone."""
    context = browser.new_context(bypass_csp=True, locale="fr-FR", viewport={"width": 1280, "height": 860})
    yield context
    context.close()


def test_no_payload_runs(tmp_path: Path, open_context: BrowserContext) -> None:
    """None of more than 300, on any page, also once it is marked, flagged, looked at as a whole and hovered."""
    arsenal = Arsenal()
    written = hostile_class(tmp_path / "course", arsenal)
    assert len(arsenal.known) >= 300
    page = open_context.new_page()
    watch = Watch(page)
    with desk_on(written.root) as address:
        desk = Desk(written, address)
        for path in (
            "",
            f"{Q}/",
            f"{Q}/?only=flagged",
            f"{Q}/next",
            f"requests/{ASSIGNMENT}",
            f"shares/{ASSIGNMENT}",
            "class/",
        ):
            desk.open(page, path)
            page.wait_for_timeout(200)
        desk.open(page, f"{Q}/next")
        expect(page.locator("#answer")).to_contain_text("onerror=fired")
        page.keyboard.press("v")
        expect(page.locator("#work")).to_contain_text("onerror=fired")
        page.keyboard.press("m")
        page.keyboard.press("2")
        page.keyboard.press("1")
        for place in page.locator("#contenu a, #contenu img, #contenu math").all()[:60]:
            place.dispatch_event("mouseover")
        page.wait_for_timeout(500)
        page.goto(page.url.replace("/a/", "/group/"))
        page.wait_for_timeout(300)
        page.goto(f"{desk.at}class/mallory/")
        page.wait_for_timeout(300)
    assert [arsenal.known.get(one, one) if isinstance(one, int) else one for one in watch.fired] == []
    assert watch.elsewhere == []


def test_an_anonymous_desk_asks_for_no_name(tmp_path: Path, page: Page) -> None:
    """Neither pages nor anything that the browser receives name a student."""
    written = written_class(tmp_path / "course", answers(4), "[desk]\nanonymous = true\n")
    heard: list[str] = []
    page.on("response", lambda answer: heard.append(answer.url + answer.text()) if answer.ok else None)
    with desk_on(written.root) as address:
        desk = Desk(written, address)
        desk.open(page, f"{Q}/next")
        for key in ("1", "n", "v", "f", "n", "p", "u"):
            page.keyboard.press(key)
            page.wait_for_timeout(150)
        page.goto(f"{desk.at}{Q}/")
        for path in CLASS:
            page.goto(desk.at + path)
            expect(page.get_by_text("Les noms restent cachés")).to_be_visible()
        page.wait_for_timeout(200)
    assert len(heard) > 8
    assert not [one[:200] for one in heard if re.search(r"etudiant0\d", one.replace(CLASS[1], ""))]
    assert json.dumps(heard).count("data-state") >= 3
