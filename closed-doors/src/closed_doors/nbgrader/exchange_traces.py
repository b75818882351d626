"""What nbgrader's exchange holds of one person: hand-ins by name, and pages that only the hand-ins' secrets name."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from closed_doors.core.layout import Layout
from closed_doors.nbgrader.settings import Settings


def find_in_exchange(settings: Settings, student: str) -> tuple[Path, ...]:
    """Return a person's hand-ins in the exchange, and the pages that were released for them.

    Nothing where the course has no course_id, or the machine no exchange.
    """
    from closed_doors.nbgrader.served_exchange import exchange_folder, secret_of

    folder = exchange_folder(settings.root)
    if folder is None:
        return ()
    hand_ins = [path for path in _entries(folder / "inbound") if path.name.startswith(f"{student}+")]
    layout = Layout(settings.root)
    here = [settings.folder("submitted", student, name) for name in layout.assignments()]
    secrets = {secret for path in (*hand_ins, *here) if (secret := secret_of(path)) is not None}
    pages = (folder / "feedback" / name for name in _names_of_pages(layout, secrets))
    return (*hand_ins, *sorted({page for page in pages if page.is_file()}))


def remove_from_exchange(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Take these away, and return those that this account may not remove."""
    return tuple(path for path in paths if not _removed(path))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # no such folder, or another account's
        return []


def _names_of_pages(layout: Layout, secrets: Iterable[str]) -> Iterator[str]:
    from nbgrader.utils import notebook_hash

    notebooks = {path.stem for path in layout.source.glob("*/*.ipynb")}
    for secret in secrets:
        for notebook in notebooks:
            yield f"{notebook_hash(secret=secret, notebook_id=notebook)}.html"


def _removed(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
