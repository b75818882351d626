"""Moments as Moodle's language packs write them."""

import contextlib
import itertools
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from closed_doors.moodle.moodle_times import LANGUAGES, Order, find_order, read_time

PARIS = ZoneInfo("Europe/Paris")
EVENING = datetime(2026, 10, 12, 23, 58, tzinfo=PARIS)


@pytest.mark.parametrize(
    "text",
    [
        "lundi 12 octobre 2026, 23:58",
        "Lundi 12 OCTOBRE 2026, 23 h 58",
        "lundi 12 oct. 2026, 23h58",
        "lundi 12 octobre 2026, 23 h 58 min",
        "lun. 12 oct. 2026 23:58",
        "Monday, 12 October 2026, 11:58 PM",
        "Monday, 12 October 2026, 11:58\u202fPM",
        "Monday, October 12, 2026, 11.58 PM",
        "Mon, 12th Oct 2026, 11:58 p.m.",
        "12. lokakuuta 2026, 23.58",
        "Montag, 12. Oktober 2026, 23:58",
        "Montag, 12. Oktober 2026, 23:58 Uhr",
        "lunes, 12 de octubre de 2026, 11:58 p. m.",
        "lunedì, 12 ottobre 2026, 23:58",
        "segunda-feira, 12 de outubro de 2026 às 23:58",
        "dilluns, 12 d’octubre 2026, 23:58",
        "mandag den 12. oktober 2026 kl. 23.58",
        "poniedziałek, 12 października 2026, 23:58",
        "pondělí, 12. říjen 2026, 23.58",
        "понедельник, 12 октября 2026, 23:58",
        "Δευτέρα, 12 Οκτωβρίου 2026, 11:58 μμ",
        "2026. október 12., hétfő, 23:58",
        "12 Ekim 2026 Pazartesi, 23:58",
        "12 Ekim 2026 Pazartesi, ÖS 11:58",
        "2026. október 12., hétfő, du. 11:58",
        "Thứ Hai, 12 tháng 10 2026, 11:58 PM",
        "2026年10月12日(月曜日) 23:58",
        "2026年10月12日 星期一 下午 11:58",
        "2026년 10월 12일 월요일, 23:58",
        "الاثنين، 12 أكتوبر 2026، 11:58 م",
        "الاثنين، ١٢ أكتوبر ٢٠٢٦، ٢٣:٥٨",
        "วันจันทร์, 12 ตุลาคม 2026, 23:58",
        "12/10/2026 23:58",
        "12/10/26, 23:58",
        "12.10.2026 23.58",
        "12. 10. 2026, 23:58",
        "12-10-2026 23:58",
        "2026/10/12 23:58",
        "2026-10-12 23:58",
        "2026-10-12T23:58:00",
    ],
)
def test_one_moment_in_many_tongues(text: str) -> None:
    """Words, figures and clocks of Moodle's languages name the same minute, in the zone of whoever downloaded it."""
    assert read_time(text, PARIS) == EVENING


ORDERS = {
    "ca": "{day}, {number} de {month} de {year}, 23:58",
    "es": "{day}, {number} de {month} de {year}, 23:58",
    "pt": "{day}, {number} de {month} de {year} às 23:58",
}


def days_of(language: str) -> dict[str, datetime]:
    """Return a day of each month of 2026, by what Moodle calls it in a language, in full and abbreviated."""
    locale = Locale.parse(language)
    found = {}
    for month, width in itertools.product(range(1, 13), ("wide", "abbreviated")):
        moment = datetime(2026, month, 13 + month, 23, 58, tzinfo=PARIS)
        day, name = locale.days["format"][width][moment.weekday()], locale.months["format"]["wide"][month]
        order = ORDERS.get(language, "{day}, {number} {month} {year}, 23:58")
        found[order.format(day=day, number=moment.day, month=name, year=2026)] = moment
    return found


SPOKEN = ("fr", "en", "es", "ca", "pt", "it", "de", "nl", "pl", "ru", "el", "tr", "sv", "hu")


@pytest.mark.parametrize("language", SPOKEN)
def test_every_month_of_a_language_is_read(language: str) -> None:
    """No month's name, and no word between day and month, is taken for another language's month."""
    assert {text: read_time(text, PARIS) for text in days_of(language)} == days_of(language)


def test_no_language_is_read_as_another_moment() -> None:
    """Of all that Moodle speaks, what is not read is refused: lateness never comes from a month that nobody wrote."""
    for language in LANGUAGES:
        for text, moment in days_of(language).items():
            with contextlib.suppress(ValueError):
                assert read_time(text, PARIS) == moment, (language, text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-12T21:58:00Z",
        "2026-10-12 21:58 UTC",
        "2026-10-12T17:58:00-04:00",
        "Monday, 12 October 2026, 9:58 PM GMT",
        "Mon, 12 Oct 2026 23:58:00 +0200",
        "Monday, 12 October 2026, 11:58 PM GMT+2",
    ],
)
def test_a_zone_that_is_named_goes_first(text: str) -> None:
    """A moment with an offset means the same whatever zone is asked for."""
    assert read_time(text, timezone(timedelta(hours=9))) == EVENING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mardi 1er décembre 2026, 0:05", datetime(2026, 12, 1, 0, 5, tzinfo=PARIS)),
        ("mar. 13 oct. 2026 23:58", datetime(2026, 10, 13, 23, 58, tzinfo=PARIS)),
        ("mar, 13 ott 2026 23:58", datetime(2026, 10, 13, 23, 58, tzinfo=PARIS)),
        ("12 August 2026, 12:05 AM", datetime(2026, 8, 12, 0, 5, tzinfo=PARIS)),
        ("12 August 2026, 12:05 PM", datetime(2026, 8, 12, 12, 5, tzinfo=PARIS)),
        ("ponedjeljak, 12. listopada 2026, 23:58", EVENING),
        ("czwartek, 12 listopada 2026, 23:58", datetime(2026, 11, 12, 23, 58, tzinfo=PARIS)),
        ("2026-10-12 23:58:07", EVENING.replace(second=7)),
        ("2026. október 12., de. 11:58", datetime(2026, 10, 12, 11, 58, tzinfo=PARIS)),
        ("10. Okt 2026, Sa 12:05", datetime(2026, 10, 10, 12, 5, tzinfo=PARIS)),
        ("mandag den 12. oktober 2026 kl. 11.58", datetime(2026, 10, 12, 11, 58, tzinfo=PARIS)),
        ("понедельник, 12 октября 2026 г. 11:58", datetime(2026, 10, 12, 11, 58, tzinfo=PARIS)),
        ("-", None),
        ("", None),
        ("Jamais", None),
    ],
)
def test_what_is_easily_misread(text: str, expected: datetime | None) -> None:
    """Days that look like months, midnight and noon, one word that is two months in two languages, seconds, never."""
    assert read_time(text, PARIS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "bientôt",
        "12 octobre",
        "12 octobre 2026",
        "32 octobre 2026, 23:58",
        "12 listopada 2026, 23:58",
        "Monday, 12 October 2569, 23:58",
        "10/12/2026 11:58 PM",
        "12 octobre 2026, 11:58 xm",
        "12 octobre 2026, 10:00 à 11:58",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    """No day, no hour, no half of the day, a month that is another one elsewhere: nothing is guessed."""
    with pytest.raises(ValueError, match=r".+"):
        read_time(text, PARIS)


def test_a_column_shows_what_its_dates_begin_with() -> None:
    """One date that can only be read one way settles the others; a column with both is refused where it matters."""
    american = ["10/12/2026 11:58 PM", "10/13/2026 1:00 AM", "-"]
    assert find_order(american) is Order.MONTH
    assert read_time(american[0], UTC, Order.MONTH) == datetime(2026, 10, 12, 23, 58, tzinfo=UTC)
    assert find_order(["12/10/2026 23:58", "13/10/2026 01:00"]) is Order.DAY
    assert find_order(["12/10/2026 23:58", "2026-10-13 01:00"]) is None
    assert find_order(["10/13/2026 01:00", "13/10/2026 01:00"]) is Order.MIXED
    with pytest.raises(ValueError, match="a day and a month"):
        read_time("12/10/2026 23:58", UTC, Order.MIXED)
