"""Every sentence that students and TAs read is there in every language, and nowhere else than in the catalogues."""

import re
from pathlib import Path

import pytest

import closed_doors
from checks import catalogues, installation
from closed_doors.core.errors import SubmissionError
from closed_doors.core.wording import languages, wording
from closed_doors.grading.verdict.remark import RemarkCode
from support.languages import bare, french_in, placeholders, texts_of

SOURCES = Path(closed_doors.__file__).parent
TEMPLATES = (".html", ".j2", ".js", ".css")
WITH_TEXT = (".py", *TEMPLATES)
SAID = re.compile(r"""\b(?:say|_say)\(\s*f?["']([a-z_]+\.(?:[a-z_.]+|(?=\{))(?:\{[^"']*)?)["']""")
FILTERED = re.compile(r"""'([a-z_]+\.[a-z_]+)' \| say""")  # in nbgrader's templates
JOINED = re.compile(r"""\bsay\('([a-z_]+\.)' ~""")  # in a template


def test_both_languages_say_the_same() -> None:
    """No sentence is missing in either, and each speaks of the same things."""
    french, english = wording("fr"), wording("en")
    codes = {bare(code) for code in french.codes}
    assert codes == {bare(code) for code in english.codes}
    for code in codes:
        assert placeholders(french, code) == placeholders(english, code), code
    assert languages() == ["en", "fr"]


def sources() -> list[str]:
    paths = [path for path in SOURCES.rglob("*") if path.suffix in WITH_TEXT]
    return [
        path.read_text(encoding="utf-8") for path in (*paths, *map(Path, (catalogues.__file__, installation.__file__)))
    ]


def codes_in(text: str) -> list[str]:
    return SAID.findall(text) + FILTERED.findall(text)


def test_what_is_said_is_in_the_catalogue() -> None:
    """Whatever code or template says has its sentence."""
    found = {code for text in sources() for code in codes_in(text) if "{" not in code and not code.endswith(".")}
    assert not [code for code in found | {code.value for code in RemarkCode} if not wording("fr").knows(code)]


def test_each_sentence_is_said() -> None:
    """The catalogue holds nothing that no code and no template says."""
    texts = sources()
    said = {code for text in texts for code in codes_in(text)} | {code.value for code in RemarkCode}
    prefixes = {code.partition("{")[0] for code in said if "{" in code} | {
        code for text in texts for code in JOINED.findall(text)
    }
    everything = "\n".join(texts)
    left = {bare(code) for code in wording("fr").codes} - said
    assert not [code for code in left if not code.startswith(tuple(prefixes)) and f'"{code}"' not in everything]


def test_a_count_chooses_the_form() -> None:
    """French plurals begin at two, English ones everywhere but at one; decimals have each language's mark."""
    assert wording("fr").is_one(0)
    assert wording("fr").is_one(1.5)
    assert not wording("fr").is_one(2)
    assert [n for n in (0, 1, 1.5, 2) if wording("en").is_one(n)] == [1]
    assert wording("fr").number(2.5) == "2,5"
    assert wording("en").number(2.5) == "2.5"
    assert wording("fr").say("remark.out_of_time", seconds=2.5).count("(2,5\u00a0s)") == 1


def test_french_blanks_do_not_break() -> None:
    """Before two-part signs and inside quotes, whatever an argument holds stays as it is."""
    said = wording("fr").say("remark.duplicated_cell", cell="a : b")
    assert said.startswith("La cellule «\u00a0a : b\u00a0» était là plusieurs fois\u00a0: ")


def test_an_unknown_language_is_named() -> None:
    """The message names those that there are."""
    with pytest.raises(ValueError, match=r"'de'.*en, fr"):
        wording("de")


@pytest.mark.parametrize("cell", ["{0}", "{cell.__class__}", "{", "%s"])
def test_what_a_student_chose_is_no_template(cell: str) -> None:
    """Braces in an argument are characters."""
    assert cell in wording("fr").say("remark.missing_cell", cell=cell)


def test_a_refusal_survives_the_way_from_another_machine() -> None:
    """Pickled and back, it has its code, its arguments and its sentence."""
    import pickle

    error = SubmissionError("too_large", file="n.ipynb", most=20)
    back = pickle.loads(pickle.dumps(error))
    assert (back.code, back.arguments, str(back)) == (error.code, error.arguments, str(error))


OTHERS_WORDS = {  # what is read in files of Moodle and of people, and never said
    "moodle/match_students.py",
    "moodle/exporting.py",
    "moodle/worksheet.py",
    "moodle/worksheet_limits.py",
    "moodle/participants.py",
    "desk/requests_inbox.py",
    "notebook/mark_scheme.py",
    "authoring/leak_scan/folder_texts.py",
    "authoring/leak_scan/readings.py",
    "authoring/hint_writing/misconceptions.py",
}


def test_french_stands_in_the_catalogue_only() -> None:
    """No module and no template says a French sentence of its own."""
    found = set()
    for path in SOURCES.rglob("*"):
        if path.suffix == ".py" and any(map(french_in, texts_of(path))):
            found.add(path.relative_to(SOURCES).as_posix())
        if path.suffix in TEMPLATES and french_in(without_names(path.read_text(encoding="utf-8"))):
            found.add(path.relative_to(SOURCES).as_posix())
    found -= {name for name in found if name.startswith("demo/")}
    assert not found - OTHERS_WORDS


def without_names(template: str) -> str:
    """A template's text without what nobody reads: the names of classes and ids, and comments."""
    return re.sub(r"""\{#.*?#\}|/\*.*?\*/|(?:class|id|href|for)="[^"]*"|[.#][a-z-]+""", "", template, flags=re.DOTALL)
