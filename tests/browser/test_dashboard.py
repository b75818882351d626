"""The staff's site in a real browser, with a student who puts scripts everywhere."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console
from tests.browser.pages import LAPTOP, PHONE, faults, opened

from closed_doors.core.layout import Layout
from closed_doors.demo.play import play
from closed_doors.pages.dashboard.site import page_name, write_dashboard
from support.classes import HOSTILE, graded_class
from support.courses import ASSIGNMENT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),  # nbgrader's own queries
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    graded = graded_class(tmp_path_factory.mktemp("class") / "course")
    return write_dashboard(graded.settings, ASSIGNMENT, graded.course.root / "reports" / ASSIGNMENT).index.parent


def pages(site: Path) -> Iterator[Path]:
    yield from (site / "index.html", site / "ressemblances.html")
    yield from sorted((site / "paires").glob("*.html"))
    yield from sorted((site / "etudiants").glob("*.html"))


@pytest.mark.parametrize(
    ("width", "scheme"), [(PHONE, "light"), (LAPTOP, "light"), (LAPTOP, "dark")], ids=["phone", "laptop", "dark"]
)
def test_every_page_is_sound(site: Path, browser: Browser, width: int, scheme: str) -> None:
    """No script of a student's runs, nothing is asked from elsewhere, nothing sticks out, axe finds nothing serious."""
    found = {page.name: faults(browser, page, width, color_scheme=scheme) for page in pages(site)}
    assert {name: theirs for name, theirs in found.items() if theirs} == {}
    assert len(found) > 10


def test_a_hostile_student_changes_no_page(site: Path, browser: Browser) -> None:
    """The pages that quote the payloads keep their titles, with the payload as text."""
    for path in (site / "index.html", site / "etudiants" / page_name(HOSTILE)):
        with opened(browser, path) as (page, found):
            page.mouse.move(100, 100)
            page.wait_for_timeout(300)
            assert page.title() != "ran"
            assert "<script>" in page.inner_text("body")
            assert page.locator("img[src='x'], [onmouseover], [onerror], a[href^='javascript']").count() == 0
            assert found == []


def test_tables_sort_and_filter(site: Path, browser: Browser) -> None:
    """A click on a heading sorts by value, a second one the other way, and the field hides other rows."""
    with opened(browser, site / "index.html", LAPTOP) as (page, found):
        rows = page.locator("#table-etudiants tbody tr")
        heading = page.locator("#table-etudiants thead th", has_text="Note")

        def marks() -> list[float]:
            values = rows.evaluate_all("rows => rows.map(row => row.cells[1].dataset.value)")
            return [float(value) for value in values if value]

        heading.get_by_role("button").click()
        assert heading.get_attribute("aria-sort") == "ascending"
        assert marks() == sorted(marks())
        heading.get_by_role("button").click()
        assert heading.get_attribute("aria-sort") == "descending"
        assert marks() == sorted(marks(), reverse=True)
        assert len(set(marks())) > 2
        page.get_by_label("Filtrer").fill("CHLOÉ")
        assert [row.is_visible() for row in rows.all()].count(True) == 1
        assert found == []


def test_the_site_reads_without_scripts(site: Path, browser: Browser) -> None:
    """All is there where scripts are off; the field that would do nothing is not."""
    with opened(browser, site / "index.html", java_script_enabled=False) as (page, _):
        assert page.locator("#table-etudiants tbody tr").count() == 9
        assert not page.locator("#filtre").is_visible()
        assert page.locator("thead button").count() == 0


def test_every_link_leads_to_a_file(site: Path, browser: Browser) -> None:
    """Links between pages, to sheets and to autograded notebooks, whatever the student's id."""
    for path in pages(site):
        with opened(browser, path) as (page, _):
            addresses = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
            for address in addresses:
                target, _, anchor = address.partition("#")
                assert target.startswith("file://"), address
                assert Path(unquote(urlparse(target).path)).exists(), (path.name, address)
                if anchor and target == path.as_uri():
                    assert page.locator(f"#{anchor}").count() == 1, address


def test_the_demo_class_has_a_sound_dashboard(
    repository: Layout, tmp_path: Path, browser: Browser, picture: Callable[[Page, str], None]
) -> None:
    """What `make demo` opens leads to every student's work and feedback."""
    console = Console(record=True, width=200, file=io.StringIO())
    assert play(repository, "masque_causal", tmp_path / "demo", console=console), console.export_text()
    index = tmp_path / "demo" / "reports" / "masque_causal" / "index.html"
    assert faults(browser, index) == []
    with opened(browser, index, 1280) as (page, found):
        expect(page.get_by_role("link", name="Karim Tardif").first).to_be_visible()
        assert page.get_by_role("link", name="Retour lu par").count() == 18
        picture(page, "tableau-de-bord")
        assert found == []
