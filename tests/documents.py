"""The documents in git, and what stands in them: links, code spans, headings."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Document:
    """A page, by its path in the repository."""

    name: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The page without its blocks of code."""
        return _FENCE.sub("", self.text)

    @property
    def spans(self) -> list[str]:
        """What stands between backticks, however its lines are broken."""
        return [" ".join(span.split()) for span in _SPAN.findall(self.prose)]

    def blocks(self, language: str) -> list[str]:
        return [code for kind, code in _FENCE.findall(self.text) if kind == language]

    @property
    def links(self) -> Iterator[tuple[Path, str]]:
        """The files that it links to, each with an anchor or an empty one."""
        for target in _LINK.findall(self.prose):
            if "://" not in target and not target.startswith("mailto:"):
                path, _, anchor = target.partition("#")
                yield (self.path.parent / path if path else self.path), anchor

    @property
    def anchors(self) -> set[str]:
        """Its headings, as GitHub names them in addresses."""
        found = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@cache
def tracked() -> frozenset[str]:
    """Every file that is in git, or is about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return frozenset(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def documents() -> list[Document]:
    return [Document(name) for name in sorted(tracked()) if name.endswith(".md")]


def of_today() -> list[Document]:
    """The pages that say what is; a changelog also says what was."""
    return [document for document in documents() if document.path.name != "CHANGELOG.md"]
