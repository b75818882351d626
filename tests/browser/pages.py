"""What every page of the reports is held to, in a real browser: silence, no request, no sideways scrolling, axe."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, LAPTOP = 375, 1200
SERIOUS = ("serious", "critical")
_LOCAL = ("file:", "data:")
_axe = Axe()


@contextmanager
def opened(browser: Browser, path: Path, width: int = PHONE, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open a page from disk; yields it with a list of what it says or does that it should not.

    Args:
        browser: headless Chromium.
        path: the file.
        width: of the window, in CSS pixels.
        options: of the browser's context, such as color_scheme="dark".
    """
    context = browser.new_context(viewport={"width": width, "height": 812}, locale="fr-FR", **options)
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda message: found.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.append(f"script error: {error}"))
    page.on("dialog", lambda dialog: (found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("popup", lambda popup: found.append(f"new window: {popup.url}"))
    page.on("request", lambda request: None if request.url.startswith(_LOCAL) else found.append(f"to {request.url}"))
    try:
        page.goto(path.as_uri())
        yield page, found
    finally:
        context.close()


def faults(browser: Browser, path: Path, width: int = PHONE, **options: Any) -> list[str]:
    """Return everything that is wrong with a page, a line each; nothing where all is well."""
    with opened(browser, path, width, **options) as (page, found):
        page.wait_for_timeout(50)
        return [*found, *sideways(page), *violations(page)]


def sideways(page: Page) -> list[str]:
    """Say by how much a page scrolls sideways, and name what sticks out."""
    wide = page.evaluate("""() => {
        const room = document.documentElement.clientWidth, over = document.documentElement.scrollWidth - room;
        if (over <= 0) return null;
        const held = e => e && (getComputedStyle(e).overflowX !== "visible" || held(e.parentElement));
        const out = [...document.querySelectorAll("body *")].filter(
            e => e.getBoundingClientRect().right > room + 1 && !held(e.parentElement.closest("main *")));
        return `${over} px: ` + out.slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" | ");
    }""")
    return [f"scrolls sideways by {wide}"] if wide else []


def violations(page: Page, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
    """Return axe-core's violations of these impacts, with the first element of each."""
    found = _axe.run(page).response["violations"]
    return [
        f"axe {one['impact']} {one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in impacts
    ]


def pictures_without_text(page: Page) -> list[str]:
    """Return the pictures that axe-core finds no text for."""
    rules = ["image-alt", "input-image-alt", "role-img-alt"]
    found = _axe.run(page, options={"runOnly": {"type": "rule", "values": rules}}).response["violations"]
    return [node["html"][:200] for one in found for node in one["nodes"]]
