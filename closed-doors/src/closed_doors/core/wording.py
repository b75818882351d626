"""What students and TAs read, by code: one catalogue a language, languages/<language>.toml.

The reader of catalogues is the one that `checks` brings to students (`checks.catalogues`); this module has its own.
"""

from collections.abc import Mapping
from pathlib import Path

from checks import catalogues
from checks.catalogues import DEFAULT_LANGUAGE, NBSP, Argument, Catalogues, Wording, spoken

__all__ = [
    "DEFAULT_LANGUAGE",
    "NBSP",
    "Argument",
    "Sentence",
    "Wording",
    "languages",
    "say",
    "sentence",
    "wording",
    "words_here",
]

_CATALOGUES = Catalogues(Path(__file__).parent / "languages")


def wording(language: str = DEFAULT_LANGUAGE) -> Wording:
    """Return a language's wording, read once.

    Raises:
        ValueError: there is no catalogue of that name; those that there are, are named.
    """
    return _CATALOGUES.wording(language)


def languages() -> list[str]:
    """Return the languages that there is a catalogue of."""
    return _CATALOGUES.languages()


def words_here() -> Wording:
    """Return the wording of the language that this process was told to speak, as sandboxes are; else the default's."""
    return wording(spoken(DEFAULT_LANGUAGE))


def say(code: str, /, **arguments: Argument | None) -> str:
    """Return a sentence in the language that this process was told to speak, as sandboxes are; else in the default."""
    return words_here().say(code, **arguments)


class Sentence(str):
    """A sentence in the language of this process, which can be said in another one later.

    Attributes:
        code: what it says.
        arguments: what stands in it.
    """

    code: str
    arguments: Mapping[str, Argument | None]

    def told(self, language: str) -> str:
        """Return it in a language."""
        return wording(language).say(self.code, **self.arguments)


def sentence(code: str, /, **arguments: Argument | None) -> Sentence:
    """Return a sentence for an error that students read in their language, and authors in theirs."""
    said = Sentence(say(code, **arguments))
    said.code, said.arguments = code, arguments
    return said


for _each in (_CATALOGUES, catalogues.CATALOGUES):
    _each.read_all()  # now: a process that speaks later may be shut in where no catalogue can be read
