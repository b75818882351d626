"""What students read, by code: one catalogue a language, languages/<language>.toml.

    [remark]
    missing_cell = "The cell “{cell}” was missing."          said by  words.say("remark.missing_cell", cell="x")
    criteria = {one = "{count} criterion", other = "{count} criteria"}     chosen by the argument `count`

A catalogue is written with ordinary blanks; its own rules of typography say which of them must not break. Numbers with
decimals are written with its decimal mark. A package that is handed out brings it as JSON, <language>.json, which any
Python reads: before 3.11 none reads TOML.

Which language is spoken, this module finds out once, for the whole process:

1. the one that a program said before anything else (`speak`): the grader's sandboxes, told by course.toml;
2. the only one that there is a catalogue of: a package that is handed out brings that of its course;
3. the one that the environment names (CHECKS_LANGUAGE), where one installation serves courses in several languages;
4. French.
"""

import functools
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

DEFAULT_LANGUAGE = "fr"
VARIABLE = "CHECKS_LANGUAGE"
NBSP = "\u00a0"
LANGUAGES = Path(__file__).parent / "languages"
KINDS = (".toml", ".json")
Argument = str | int | float


class Wording:
    """What is said in one language.

    Args:
        path: its catalogue; the file's name is the language's.
    """

    def __init__(self, path: Path) -> None:
        content = content_of(path)
        grammar = content.pop("grammar")
        self.language = path.stem
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
        return self.marked(text.rstrip("0").rstrip(".") if digits else text)

    def decimal(self, value: float) -> str:
        """Write a number with two decimals and a minus sign of its own."""
        return self.marked(f"{value:.2f}").replace("-", "−")

    def marked(self, written: str) -> str:
        """Return a number that Python has written, with this language's decimal mark."""
        return written.replace(".", self._decimal_mark)

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


def content_of(path: Path) -> dict[str, dict[str, object]]:
    """Return a catalogue as data, by section."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        read: dict[str, dict[str, object]] = json.loads(text)
        return read
    import tomllib  # new in Python 3.11; students may have 3.10

    return tomllib.loads(text)


def as_handed_out(language: str) -> tuple[str, bytes]:
    """Return the catalogue that is handed out with this package: its path in it, and its content."""
    content = json.dumps(content_of(LANGUAGES / f"{language}.toml"), ensure_ascii=False, indent=1)
    return f"{LANGUAGES.name}/{language}.json", content.encode()


class Catalogues:
    """The catalogues of one folder, each read once.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Wording] = {}

    def languages(self) -> list[str]:
        """Return the languages that there is a catalogue of."""
        return sorted({path.stem for kind in KINDS for path in self._folder.glob(f"*{kind}")})

    def wording(self, language: str) -> Wording:
        """Return a language's wording.

        Raises:
            ValueError: there is no catalogue of that name; those that there are, are named.
        """
        if language not in self._read:
            if language not in (known := self.languages()):
                raise ValueError(f"There is no wording in {language!r}; there is one in {', '.join(known)}.")
            paths = [self._folder / f"{language}{kind}" for kind in KINDS]
            self._read[language] = Wording(next(path for path in paths if path.is_file()))
        return self._read[language]

    def read_all(self) -> None:
        """Read every catalogue now: a process that speaks later may be shut in where none can be read."""
        for language in self.languages():
            self.wording(language)


CATALOGUES = Catalogues(LANGUAGES)
_told: list[str] = []  # the language that this process was told to speak, if it was
_kept: list[Callable[[], None]] = []  # what writes down sentences that stay


def speak(language: str) -> None:
    """Let this process speak a language from now on.

    Raises:
        ValueError: there is no catalogue of that name.
    """
    CATALOGUES.wording(language)
    _told[:] = [language]
    for write in _kept:
        write()


def in_every_language(write: Callable[[], None]) -> Callable[[], None]:
    """Have sentences that stay written now, and again when this process speaks another language."""
    _kept.append(write)
    write()
    return write


def spoken(default: str = "") -> str:
    """Return the language that this process speaks.

    Args:
        default: what it is where nobody has told; without it, what this package finds out.
    """
    return _told[0] if _told else default or _found()


def words() -> Wording:
    """Return the wording of the language that this process speaks."""
    return CATALOGUES.wording(spoken())


def say(code: str, /, **arguments: Argument | None) -> str:
    """Return a sentence in the language that this process speaks."""
    return words().say(code, **arguments)


@functools.cache
def _found() -> str:
    known = CATALOGUES.languages()
    wanted = (known[0] if len(known) == 1 else "", os.environ.get(VARIABLE, ""))
    return next((language for language in wanted if language in known), DEFAULT_LANGUAGE)


def _flat(content: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
