"""The program beside a notebook that says what an installation lacks, as it is handed out: with its sentences in it."""

from pathlib import Path

from checks import installation
from closed_doors.core.wording import Wording

EMPTY = "SENTENCES: dict[str, str] = {}"
SECTION = "installation."


def installation_program(words: Wording) -> str:
    """Return the program in a language; it stands alone, and can be read by a Python that is too old."""
    sentences = {code: words.text(code) for code in words.codes if code.startswith(SECTION)}
    filled = EMPTY.replace("{}", repr(dict(sorted(sentences.items()))))
    return Path(installation.__file__).read_text(encoding="utf-8").replace(EMPTY, filled)
