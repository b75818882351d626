"""What students and TAs read, by code: one catalogue a language, languages/<language>.toml.

    [remark]
    missing_cell = "La cellule « {cell} » manquait."          said by  words.say("remark.missing_cell", cell="x")
    criteria = {one = "{count} critère", other = "{count} critères"}     chosen by the argument `count`

A catalogue is written with ordinary blanks; its own rules of typography say which of them must not break. Numbers with
decimals are written with its decimal mark.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

DEFAULT_LANGUAGE = "fr"
NBSP = "\u00a0"
LANGUAGES = Path(__file__).parent / "languages"
Argument = str | int | float


class Wording:
    """What is said in one language.

    Args:
        language: the name of its catalogue.
    """

    def __init__(self, language: str) -> None:
        content = tomllib.loads((LANGUAGES / f"{language}.toml").read_text(encoding="utf-8"))
        grammar = content.pop("grammar")
        self.language = language
        self._decimal_mark = str(grammar["decimal_mark"])
        self._one_below_two = bool(grammar["one_below_two"])
        before, after = (re.escape(str(grammar[key])) for key in ("no_break_before", "no_break_after"))
        self._blank = re.compile(f"(?<=[{after}]) | (?=[{before}])" if before and after else r"(?!)")
        self._texts = {code: self._without_breaks(text) for code, text in _flat(content)}

    @property
    def codes(self) -> frozenset[str]:
        """All that can be said; of what depends on a count, one code for each form."""
        return frozenset(self._texts)

    def say(self, code: str, /, **arguments: Argument | None) -> str:
        """Return a sentence.

        Args:
            code: what to say.
            arguments: what stands in the sentence; `count` chooses between its forms, where it has two.

        Raises:
            KeyError: the catalogue has no such code, or the sentence asks for an argument that is not given.
        """
        text = self._texts.get(code)
        if text is None:
            text = self._texts[f"{code}.{'one' if self.is_one(arguments['count']) else 'other'}"]
        return text.format_map({name: self._written(value) for name, value in arguments.items()})

    def knows(self, code: str) -> bool:
        """Whether the catalogue has a sentence for a code."""
        return code in self._texts or f"{code}.other" in self._texts

    def number(self, value: float, digits: int = 2) -> str:
        """Write a number with at most so many decimals."""
        text = f"{value:.{digits}f}"
        return (text.rstrip("0").rstrip(".") if digits else text).replace(".", self._decimal_mark)

    def decimal(self, value: float) -> str:
        """Write a number with two decimals and a minus sign of its own."""
        return f"{value:.2f}".replace(".", self._decimal_mark).replace("-", "−")

    def text(self, code: str) -> str:
        """Return a sentence with its places for arguments."""
        return self._texts[code]

    def points(self, value: float) -> str:
        """Write a number of points with its noun."""
        return self.say("unit.points", count=value)

    def is_one(self, count: Argument | None) -> bool:
        """Whether a count takes the singular."""
        return not isinstance(count, str | None) and (abs(count) < 2 if self._one_below_two else abs(count) == 1)

    def _written(self, value: Argument | None) -> str | int:
        if isinstance(value, float):
            return self.number(value)
        return value if isinstance(value, int) else str(value)

    def _without_breaks(self, text: str) -> str:
        return self._blank.sub(NBSP, text)


@functools.cache
def wording(language: str = DEFAULT_LANGUAGE) -> Wording:
    """Return a language's wording, read once.

    Raises:
        ValueError: there is no catalogue of that name; those that there are, are named.
    """
    if language not in (known := languages()):
        raise ValueError(f"There is no wording in {language!r}; there is one in {', '.join(known)}.")
    return Wording(language)


def languages() -> list[str]:
    """Return the languages that there is a catalogue of."""
    return sorted(path.stem for path in LANGUAGES.glob("*.toml"))


def say(code: str, /, **arguments: Argument | None) -> str:
    """Return a sentence in the default language."""
    return wording().say(code, **arguments)


class Sentence(str):
    """A sentence in the default language, which can be said in another one later.

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


def _flat(content: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)


for _language in languages():
    wording(_language)  # now: a process that speaks later may be shut in where no catalogue can be read
