"""The house: names that tell modules apart, words that a page explains, types that are said."""

import re
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SOURCES = HERE / "src"
GLOSSARY = HERE / "docs" / "glossary.md"
# Words that an outsider could not guess. Whoever coins another one adds it here and to the glossary, or takes the
# field's word.
COINED = frozenset(
    ("bridge", "confinement", "doctor", "examiner", "facet", "forge", "gate", "ground", "inmate", "keeper", "leash")
) | frozenset(("opening", "probe", "receipt", "room", "stage", "supervisor", "survey", "ward", "warm", "zygote"))
COURSES_OWN = re.compile(r"attention|torch|reponse|verification|tests/answers")
MAY_NAME_IT = {  # what a course sets, attacks on libraries, and the two modules that know tensors
    "authoring/quality/attacks.toml",
    "core/profile.py",
    "grading/bridge/autograd.py",
    "grading/protocol/tensor_values.py",
}
MOST_ANY = 29  # may only go down


def modules() -> list[Path]:
    return sorted(path for path in (SOURCES / "closed_doors").rglob("*.py") if path.name != "__init__.py")


def text_of_sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.py")))


def explained() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    return [word for word, meaning in rows if word != "word" and len(meaning.split()) > 3]


def words_of(text: str) -> set[str]:
    """Return the words of names and sentences: those of CamelCase and snake_case too, without a plural's s."""
    parts = re.findall(r"[A-Z]?[a-z]+", text)
    return {part.lower() for part in parts} | {part.lower().removesuffix("s") for part in parts}


def test_no_two_modules_share_a_name() -> None:
    """A file's name alone says which module is meant."""
    shared = {name for name, count in Counter(path.name for path in modules()).items() if count > 1}
    assert not shared


def test_coined_words_have_a_line_in_the_glossary() -> None:
    """Each word that the code uses in a sense of its own is explained once."""
    there = {word for term in explained() for word in term.split()}
    assert not {word for word in COINED & words_of(text_of_sources()) if word not in there}


def test_the_glossary_explains_words_that_are_used_each_once_in_order() -> None:
    """A word that is gone from the code is gone from the page."""
    words, used = explained(), words_of(text_of_sources())
    assert len(words) > 20
    assert words == sorted(set(words))
    assert not {term for term in words if not {word.removesuffix("s") for word in term.split()} <= used}


def test_types_are_said() -> None:
    """The word Any stands in the sources at most as often as before; lower MOST_ANY where you took some out."""
    assert len(re.findall(r"\bAny\b", text_of_sources())) <= MOST_ANY


def test_the_grader_knows_no_course() -> None:
    """Neither a course's names nor the library that only some courses have stand outside the profile and adapters."""
    here = SOURCES / "closed_doors"
    paths = (path for path in here.rglob("*") if path.is_file() and path.suffix != ".pyc")
    naming = {path.relative_to(here).as_posix() for path in paths if COURSES_OWN.search(path.read_text("utf-8"))}
    assert naming == MAY_NAME_IT
