"""A course that work is imported into: one assignment, two notebooks' names away from grading anything."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from closed_doors.moodle.find_class import find_class
from closed_doors.moodle.importing import Import, Options, Report
from closed_doors.moodle.remembered_imports import Store
from closed_doors.moodle.worksheet import read_worksheet
from closed_doors.nbgrader.settings import Settings, read_settings
from support.courses import CONFIG

ASSIGNMENT = "devoir_un"
Take = Callable[..., Report]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    root = tmp_path / "course"
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    (root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_text("{}")
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return read_settings(root)


@pytest.fixture
def take(settings: Settings) -> Take:
    """Import an archive, as the command does but for the gradebook."""

    def taken(
        archive: Path,
        roster: Path | None = None,
        worksheet: Path | None = None,
        source: str | None = None,
        options: Options | None = None,
    ) -> Report:
        store = Store(settings.root, ASSIGNMENT)
        options = options or Options(ZoneInfo("Europe/Paris"))
        everybody = find_class(store, roster, worksheet, source)
        sheet = read_worksheet(worksheet) if worksheet else None
        report = Import(settings, ASSIGNMENT, [ASSIGNMENT], everybody, sheet, options).run(archive)
        if not options.dry_run:
            store.keep_roster(everybody)
            if worksheet:
                store.keep_worksheet(worksheet.read_bytes())
        return report

    return taken
