"""misconceptions.toml: what an author may write, and what is refused with a reason."""

from pathlib import Path

import pytest

from closed_doors.authoring.hint_writing.misconceptions import read_known
from closed_doors.core.errors import MasterError

PROBES = '[probes]\nvalues = ["f(1)"]\n'


def write(answers: Path, text: str, shared: str = "") -> Path:
    """Write an exercise with two wrong answers and a right one; return the assignment's folder."""
    exercise = answers / "devoir" / "exercice-1"
    for side, name in (("right", "direct"), ("wrong", "sign"), ("wrong", "printed")):
        (exercise / side).mkdir(parents=True, exist_ok=True)
        (exercise / side / f"{name}.py").write_text("# style: x\n# fails: test_a\ndef f(x): return x\n", "utf-8")
    (exercise / "misconceptions.toml").write_text(text, "utf-8")
    if shared:
        (answers / "misconceptions.toml").write_text(shared, "utf-8")
    return exercise.parent


def test_an_exercise_is_read_with_its_shared_hints(tmp_path: Path) -> None:
    """A hint may stand with the exercise or be shared; headers are no code; French spaces are set."""
    text = PROBES + '[[misconceptions]]\nid = "sign"\nhint = "le signe : où est-il ?"\nanswers = ["sign"]\n'
    text += '[[misconceptions]]\nid = "printed"\nanswers = ["printed"]\n'
    folder = write(tmp_path, text, '[[misconceptions]]\nid = "printed"\nhint = "rien ne revient."\n')
    (known,) = read_known(folder)
    assert [each.hint for each in known.misconceptions] == ["le signe\u00a0: où est-il\u00a0?", "rien ne revient."]
    assert known.wrong["sign"] == "def f(x): return x"
    assert known.misconception_of("sign") == "sign"
    assert known.probes == (("values", "f(1)"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PROBES + '[left_out]\nsign = "rare"\n', "no misconception names the answer 'printed'"),
        (PROBES + '[left_out]\nsign = "x"\nprinted = "x"\nother = "x"\n', "there is no answer wrong/other.py"),
        (PROBES + '[[misconceptions]]\nid = "a"\nanswers = ["sign"]\n', "'a' has no hint"),
        (
            PROBES + '[[misconceptions]]\nid = "a"\nhint = "x."\nanswers = ["sign", "printed", "sign"]\n',
            "named 2 times",
        ),
        (
            PROBES + '[[misconceptions]]\nid = "a"\nhint = "x."\nanswers = ["sign", "printed"]\ncovers = ["b"]\n',
            "covers 'b', which is no id",
        ),
        (
            PROBES + '[[misconceptions]]\nid = "a"\nhint = "x."\nonly_in = ["values", "b"]\n',
            "'a' is only in 'b', which is no part of the probes",
        ),
        (
            PROBES + '[[misconceptions]]\nid = "a"\nhint = "x."\nanswers = ["sign"]\nonly_in = ["values"]\n',
            "'a' has answers, and only_in",
        ),
        ('[left_out]\nsign = "x"\nprinted = "x"\n', r"\[probes\] is empty"),
        ("[probes", "can't be read"),
        ("probes = 3", "Expected `object`, got `int`"),
        (PROBES + '[[misconceptions]]\nid = "a"\nhint = "x."\nanswers = "sign"\n', r"misconceptions\[0\].answers"),
        (PROBES + '[[misconceptions]]\nhint = "x."\n', "required field `id`"),
        (PROBES + '[[ideas]]\nid = "a"\n', "unknown field `ideas`"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    """The message says which file, and what is wrong in it."""
    with pytest.raises(MasterError, match=said) as caught:
        read_known(write(tmp_path, text))
    assert "misconceptions.toml" in str(caught.value)
