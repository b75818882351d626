"""What an installation of the distribution brings besides modules."""

import itertools
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SOURCES = HERE / "src"


def packaged() -> Iterator[Path]:
    tool = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    for name in (name for names in tool["data-files"].values() for name in names):
        yield HERE / name
    for package, patterns in tool["package-data"].items():
        folders = SOURCES.iterdir() if package == "*" else [SOURCES.joinpath(*package.split("."))]
        for folder, pattern in itertools.product(folders, patterns):
            yield from folder.glob(pattern)


def is_data(path: Path) -> bool:
    return path.is_file() and path.suffix not in (".py", ".pyc") and ".egg-info" not in str(path)


def test_every_data_file_is_packaged() -> None:
    """Languages, templates and styles that modules read are there where nobody has the repository."""
    assert not set(filter(is_data, SOURCES.rglob("*"))) - set(packaged())
