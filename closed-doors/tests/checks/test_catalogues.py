"""Every sentence of the checks stands in both catalogues with what the code gives it, and in no module."""

import ast
import os
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import checks
from checks import catalogues
from checks.catalogues import CATALOGUES, Wording
from checks.explain import without_details
from checks.report import Kind
from checks.values_as_text import NAMED
from support.languages import bare, french_in, placeholders

MODULES = sorted(Path(checks.__file__).parent.glob("*.py"))
READER = "catalogues.py"
FRENCH, ENGLISH = CATALOGUES.wording("fr"), CATALOGUES.wording("en")
TOLD = set(Kind) - {Kind.PASSED, Kind.RAISED}  # nothing is said of the one, and never without its name of the other
FAMILIES = {  # codes that are put together, by how they begin
    "kind.": {kind.value for kind in TOLD},
    "value.": NAMED,
    "help.": set(checks.__all__) | {"checks"},
}


def calls() -> Iterator[tuple[str, set[str] | None, str]]:
    """Yield what modules say: a code, the arguments that it is given (None where they are unpacked), and where."""
    for path in (each for each in MODULES if each.name != READER):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from ((code, given, f"{path.name}:{node.lineno}") for code, given in said_by(node))


def said_by(call: ast.Call) -> Iterator[tuple[str, set[str] | None]]:
    match call.func:
        case ast.Name(id="say") | ast.Attribute(attr="say"):
            names = {word.arg for word in call.keywords}
            given = None if None in names else {name for name in names if name}
            yield from ((code, given) for code in codes_of(call.args[0]))
        case ast.Name(id="_said_at"):
            for code in codes_of(call.args[0]):
                yield code, {"name", "why"}
                yield f"{code}_at", {"name", "why", "line"}


def codes_of(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(code)):
            return [code]
        case ast.IfExp(body=body, orelse=orelse):
            return [*codes_of(body), *codes_of(orelse)]
    return []


def test_both_languages_say_the_same() -> None:
    """No sentence is missing in either, and each speaks of the same things."""
    codes = {bare(code) for code in FRENCH.codes}
    assert CATALOGUES.languages() == ["en", "fr"]
    assert codes == {bare(code) for code in ENGLISH.codes}
    for code in codes:
        assert placeholders(FRENCH, code) == placeholders(ENGLISH, code), code


def test_what_is_said_is_in_the_catalogue_with_its_arguments() -> None:
    """No module asks for a sentence that is not there, or forgets what stands in it."""
    found = list(calls())
    assert len(found) > 80
    for code, given, where in found:
        assert FRENCH.knows(code), where
        assert given is None or given - {"count"} == placeholders(FRENCH, code) - {"count"}, where
        assert given is None or "count" in given or (FRENCH.knows(code) and code in FRENCH.codes), where


def test_each_sentence_is_said() -> None:
    """The catalogues hold nothing that no module says."""
    said = {code for code, _, _ in calls()}
    said |= {f"{family}{each}" for family, members in FAMILIES.items() for each in members}
    assert {bare(code) for code in FRENCH.codes} - said == set()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_kind_and_type_has_its_words(language: str) -> None:
    """What the code puts together is there, whatever it meets."""
    words = CATALOGUES.wording(language)
    missing = {f"{family}{each}" for family, members in FAMILIES.items() for each in members} - words.codes
    assert not missing
    assert all(map(without_details, TOLD))


def test_no_module_speaks_french() -> None:
    """Neither sentences nor what maintainers read: the catalogue alone is French."""
    assert not {path.name for path in MODULES if french_in(path.read_text(encoding="utf-8"))}


def test_french_blanks_do_not_break() -> None:
    """Before : ; ? ! » % and after «, whatever stands in a sentence."""
    for code in FRENCH.codes:
        for fixed, *_ in string.Formatter().parse(FRENCH.text(code)):
            assert not any(blank in fixed for blank in ("« ", " :", " ;", " ?", " !", " »", " %")), code


def said_by_a_package(folder: Path, languages: tuple[str, ...], variable: str = "") -> str:
    """Return what a copy of the package with these catalogues says in a process of its own."""
    package = folder / "checks"
    for path in MODULES:
        package.mkdir(exist_ok=True)
        (package / path.name).write_bytes(path.read_bytes())
    (package / "languages").mkdir()
    for language in languages:
        name = f"{language}.toml"
        (package / "languages" / name).write_bytes((catalogues.LANGUAGES / name).read_bytes())
    program = "from checks import run_tests\ndef test_it(): assert 1 == 2\nrun_tests()"
    (folder / "program.py").write_text(program)
    environment = {**os.environ, catalogues.VARIABLE: variable, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("languages", "variable", "sentence"),
    [
        (("en",), "", "0 criteria of 1 met."),
        (("en",), "fr", "0 criteria of 1 met."),
        (("fr",), "en", "0 critère réussi sur 1."),
        (("en", "fr"), "", "0 critère réussi sur 1."),
        (("en", "fr"), "en", "0 criteria of 1 met."),
        (("en", "fr"), "de", "0 critère réussi sur 1."),
    ],
)
def test_what_was_handed_out_says_its_language(
    tmp_path: Path, languages: tuple[str, ...], variable: str, sentence: str
) -> None:
    """The only catalogue, else the one that the environment names, else French."""
    assert said_by_a_package(tmp_path, languages, variable) == sentence


def test_a_process_speaks_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grader's sandboxes are told by course.toml, and by nothing else."""
    monkeypatch.setattr(catalogues, "_told", [])
    monkeypatch.setenv(catalogues.VARIABLE, "fr")
    catalogues.speak("en")
    assert catalogues.say("kind.not_written") == ENGLISH.say("kind.not_written")
    with pytest.raises(ValueError, match=r"'de'.*en, fr"):
        catalogues.speak("de")
    assert isinstance(catalogues.words(), Wording)


def test_help_is_in_the_language_that_is_spoken() -> None:
    """A process that is told its language after it has read the checks helps in that language all the same."""
    program = (
        "import checks\nfrom checks.catalogues import speak\nspeak('en')\n"
        "for each in (checks, *(getattr(checks, name) for name in checks.__all__)): print(each.__doc__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not french_in(done.stdout)
    assert "Run the functions" in done.stdout
