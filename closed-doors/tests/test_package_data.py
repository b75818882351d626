"""What an installation of the distribution brings besides modules."""

import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SOURCES = HERE / "src"


def test_every_data_file_is_packaged() -> None:
    """Languages, templates and styles that modules read are there where nobody has the repository."""
    tool = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packaged = {file for files in tool["data-files"].values() for name in files for file in HERE.glob(name)}
    for package, patterns in tool["package-data"].items():
        folders = SOURCES.rglob("*") if package == "*" else [SOURCES.joinpath(*package.split("."))]
        packaged |= {file for folder in folders if folder.is_dir() for name in patterns for file in folder.glob(name)}
    there = {path for path in SOURCES.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert not {path for path in there if not any(part.endswith(".egg-info") for part in path.parts)} - packaged
