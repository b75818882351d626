"""Moments as Moodle writes them: in words or in figures, in the language and with the clock of whoever downloaded them.

Moodle's language packs say how a moment is written, and sites change that: "lundi 12 octobre 2026, 23:58", "Monday, 12
October 2026, 11:58 PM", "12. lokakuuta 2026, 23.58", "lundi 12 octobre 2026, 23 h 58", "12/10/26, 23:58",
"2026-10-12T23:58:00+02:00", "2026年10月12日(月曜日) 23:58". The words are those of CLDR, which Moodle takes them from.

Nothing is guessed: what can be read in two ways is refused. "12/10/2026" is a day and a month, unless other cells of
the same column show that months come first; with a 12-hour clock, which goes with both orders, a column must show it.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from functools import cache

from babel import Locale

NEVER = ("", "-", "jamais", "never")
YEARS = range(1990, 2100)
LANGUAGES = (
    *("af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi"),
    *(
        "fil",
        "fr",
        "ga",
        "gl",
        "gu",
        "he",
        "hi",
        "hr",
        "hu",
        "hy",
        "id",
        "is",
        "it",
        "ja",
        "ka",
        "kk",
        "km",
        "kn",
        "ko",
    ),
    *("lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "nb", "nl", "nn", "pl", "pt", "pt_PT", "ro", "ru", "si", "sk"),
    *("sl", "sq", "sr", "sr_Latn", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "zh", "zh_Hant"),
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?")
_OFFSET = re.compile(r"(?:\b(?:utc|gmt)|(?<=\d)) ?([+-])(\d{1,2}):?(\d{2})?\b|\b(?:utc|gmt)\b|(?<=\d)z\b")
_YEAR_FIRST = re.compile(r"\b(\d{4}) ?[-/.年년] ?(\d{1,2}) ?[-/.月월] ?(\d{1,2})(?: ?[日일]|\b)")
_YEAR_LAST = re.compile(r"\b(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})\b(?![:h])")
_CLOCKS = (
    re.compile(r"\b(\d{1,2})(?: ?h ?|:)(\d{2})(?: ?(?::|min|m) ?(\d{2}))?(?!\d)"),
    re.compile(r"\b(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?!\d)"),
)
_MEANS_NO_HALF = re.compile(r"(?:[\d,.;()\s]|(?:uhr|h|hrs?|hod|min)\b|$)")
_NUMBERED_MONTH = re.compile(r"\b(?:tháng|thg) (\d{1,2})\b")  # Vietnamese
_BETWEEN = re.compile(r"[\s\d,.;:()\[\]'/\-–]+")


class Order(Enum):
    """What comes first in a date in figures."""

    DAY = "day"
    MONTH = "month"
    MIXED = "both are there"


@dataclass(frozen=True, slots=True)
class _Language:
    """Words of one language.

    Attributes:
        months: the number of each month, by the words of its name that no other month's name has.
        days: names of days.
        halves: of the day, and whether it is the one after noon.
    """

    months: dict[str, int]
    days: frozenset[str]
    halves: dict[str, bool]

    def knows(self, word: str) -> bool:
        """Whether it is a month or a day."""
        return word in self.months or word in self.days


def find_order(texts: Iterable[str]) -> Order | None:
    """Return whether days or months come first in a column's dates in figures; None where none of them shows it."""
    shown = set()
    for text in texts:
        if (found := _YEAR_LAST.search(_plain(text))) and not _YEAR_FIRST.search(_plain(text)):
            first, second = int(found[1]), int(found[2])
            shown |= {Order.DAY} if first > 12 else {Order.MONTH} if second > 12 else set()
    return shown.pop() if len(shown) == 1 else Order.MIXED if shown else None


def read_time(text: str, zone: tzinfo, order: Order | None = None) -> datetime | None:
    """Return the moment that Moodle writes.

    Args:
        text: the cell; "-" and nothing mean never.
        zone: the time zone of whoever downloaded the worksheet, where the text names none. Of an hour that is there
            twice, the first is meant.
        order: what the column shows of its dates in figures (`find_order`).

    Raises:
        ValueError: it is not a moment, or could be read in two ways.
    """
    plain = _plain(text)
    if plain in NEVER:
        return None
    rest, zone = _without_offset(plain, zone)
    if iso := _ISO.fullmatch(rest):
        return datetime.fromisoformat(iso[0].upper()).replace(tzinfo=zone)
    date, rest = _date_in_figures(rest, order)
    (hour, minute, second), rest = _clock(rest)
    year, month, day = date or _date_in_words(rest)
    if year not in YEARS:
        raise ValueError(f"the year of {text!r} is none of ours")
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _plain(text: str) -> str:
    """Return a text in lower case, with plain spaces, apostrophes and figures."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    figures = "".join(str(unicodedata.decimal(sign, sign)) for sign in plain)
    visible = "".join(sign for sign in figures if unicodedata.category(sign) != "Cf")  # marks of direction
    return " ".join(visible.split())


def _without_offset(text: str, zone: tzinfo) -> tuple[str, tzinfo]:
    """Return the text without the offset that it ends with, and the zone that it means."""
    found = next((one for one in _OFFSET.finditer(text) if one.end() == len(text.rstrip(" )"))), None)
    if found is None or not re.search(r"\d[:.h]", text[: found.start()]):
        return text, zone
    offset = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0))
    return text[: found.start()].rstrip(" ("), timezone(-offset if found[1] == "-" else offset) if found[1] else UTC


def _date_in_figures(text: str, order: Order | None) -> tuple[tuple[int, int, int] | None, str]:
    """Return the date that is written in figures, and the text without it."""
    if found := _YEAR_FIRST.search(text):
        return (int(found[1]), int(found[2]), int(found[3])), _cut(text, found)
    if not (found := _YEAR_LAST.search(text)):
        return None, text
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    rest = _cut(text, found)
    year += 2000 if year < 100 else 0
    if first > 12 or first == second:
        return (year, second, first), rest
    if second > 12:
        return (year, first, second), rest
    if order is Order.MIXED or (order is None and _half(rest) is not None):
        raise ValueError(f"{found[0]!r} is a day and a month, or a month and a day")
    return ((year, first, second) if order is Order.MONTH else (year, second, first)), rest


def _clock(text: str) -> tuple[tuple[int, int, int], str]:
    """Return the time of the day, and the text without it."""
    found = _found_clock(text)
    if found is None:
        raise ValueError(f"{text!r} has no time of the day")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = _half(text)
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half else 0)
    return (hour, minute, second), _cut(text, found)


def _found_clock(text: str) -> re.Match[str] | None:
    for pattern in _CLOCKS:
        there = list(pattern.finditer(text))
        if len(there) == 1:
            return there[0]
        if there:
            raise ValueError(f"{text!r} has several times of the day")
    return None


def _half(text: str) -> bool | None:
    """Return whether the time of the day is said to be after noon; None where it is not said."""
    found = _found_clock(text)
    if found is None:
        return None
    after, before = text[found.end() :].lstrip(), text[: found.start()].rstrip()
    if latin := re.match(r"([ap])\.? ?m\b", after):
        return latin[1] == "p"
    no_half = _MEANS_NO_HALF.match(after) is not None
    last = before.rpartition(" ")[2]
    if no_half and last.strip(",;:()").isascii() and not last.endswith("."):
        return None
    if (afternoon := _named_half(before, after, text)) is not None:
        return afternoon
    if no_half:
        return None
    word = next(iter(_BETWEEN.split(after)), "")
    if word and int(found[1]) <= 12 and not any(language.knows(word) for language in _languages()):
        raise ValueError(f"{word!r} after {found[0]!r} may mean the morning or the afternoon")
    return None


def _named_half(before: str, after: str, text: str) -> bool | None:
    """Return which half of the day a language names around the hour; None where none does."""
    words = [word for word in _BETWEEN.split(text) if word]
    for language in _languages():
        for half, afternoon in language.halves.items():
            if re.match(rf"{re.escape(half)}(?!\w)", after) or _stands_before(half, before, language, words):
                return afternoon
    return None


def _stands_before(half: str, before: str, language: _Language, words: list[str]) -> bool:
    """Whether a half of the day stands before the hour; one in ASCII is only known in its own language."""
    if not before.endswith(half):
        return False
    return not half.isascii() or (before.split()[-1] == half and any(word in language.months for word in words))


def _date_in_words(text: str) -> tuple[int, int, int]:
    """Return the date of a text that names its month."""
    numbered = _NUMBERED_MONTH.search(text)
    text = _cut(text, numbered) if numbered else text
    years = re.findall(r"(?<!\d)\d{4}(?!\d)", text)
    days = re.findall(r"(?<!\d)\d{1,2}(?!\d)", text)
    if len(years) != 1 or len(days) != 1:
        raise ValueError(f"{text!r} does not name one day of one year")
    month = int(numbered[1]) if numbered else _month([word for word in _BETWEEN.split(text) if word])
    return int(years[0]), month, int(days[0])


def _month(words: list[str]) -> int:
    """Return the month that words name, in the languages that know most of them."""
    for language in _at_hand():
        if all(len(word) < 3 or language.knows(word) for word in words) and len(found := _named(words, language)) == 1:
            return found.pop()
    best, months = 0, set[int]()
    for language in _languages():
        found, known = _named(words, language), sum(map(language.knows, words))
        if len(found) == 1 and known >= best:
            months = found if known > best else months | found
            best = known
    if len(months) != 1:
        raise ValueError(f"{' '.join(words)!r} names no month, or different ones in different languages")
    return months.pop()


def _named(words: list[str], language: _Language) -> set[int]:
    """Return the months that words name in a language."""
    named = [word for word in words if word in language.months]
    if len({language.months[word] for word in named}) > 1:
        named = [word for word in named if word not in language.days]  # mar. is Tuesday in French, March elsewhere
    return {language.months[word] for word in named}


@cache
def _at_hand() -> tuple[_Language, ...]:
    """Return the languages that are read most; all of them take a second."""
    return tuple(_language(Locale.parse(name)) for name in ("fr", "en"))


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(_language(Locale.parse(name)) for name in LANGUAGES)


def _language(locale: Locale) -> _Language:
    widths = list(itertools.product(("format", "stand-alone"), ("wide", "abbreviated")))
    names = [(number, name) for context, width in widths for number, name in locale.months[context][width].items()]
    days = {word for context, width in widths for name in locale.days[context][width].values() for word in _words(name)}
    return _Language(_of_one_month(names), frozenset(days), _halves(locale))


def _of_one_month(names: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Return the words that stand in the names of one month only, and which that is."""
    months: dict[str, set[int]] = {}
    for number, name in names:
        for word in _words(name):
            months.setdefault(word, set()).add(number)
    return {word: min(numbers) for word, numbers in months.items() if len(numbers) == 1}


def _halves(locale: Locale) -> dict[str, bool]:
    """Return what a language calls the halves of a day, and whether each is the afternoon."""
    named = [
        (key, name)
        for widths in locale.day_periods.values()
        for names in widths.values()
        for key, name in names.items()
    ]
    return {
        _plain(name): key == "pm"
        for key, name in named
        if key in ("am", "pm") and (len(_plain(name)) > 1 or not name.isascii())
    }


def _words(name: str) -> list[str]:
    """Return a name as the words that it is looked for by."""
    return [word for word in _BETWEEN.split(_plain(name)) if len(word) > 1]


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
