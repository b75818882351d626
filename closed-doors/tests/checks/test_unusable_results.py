"""A result that the check can't use: its size or type is said, and the check's own exception never is."""

import pytest

from checks.report import Kind
from support.check_cells import graded

ENGLISH = ("array", "Tensor", "argument", "element", "convert", "index", "object", "must", "operand")


def message_of(answer: str, use: str, hidden: bool = False) -> tuple[Kind, str]:
    """Kind and message of one criterion whose test makes use of a result."""
    tests = f"def test_use():\n    'Usage.'\n{use}"
    if hidden:
        tests = f"### BEGIN HIDDEN TESTS\n{tests}\n### END HIDDEN TESTS"
    (criterion,) = graded(f"def make(n):\n    {answer}", tests).report.criteria
    return criterion.kind, criterion.message


@pytest.mark.parametrize(
    "use",
    [
        "    result = make(2)\n    assert np.asarray(result).item() == 1",
        "    result = make(2)\n    assert float(result) == 1",
        "    result = make(2)\n    assert int(torch.as_tensor(result)) == 1",
        "    result = make(2)\n    assert result == 1",
    ],
)
def test_one_number_is_asked_for(use: str) -> None:
    """Two numbers where one was wanted: how many came is said, in French."""
    kind, message = message_of("return np.ones(2)", use)
    assert kind is Kind.WRONG_SHAPE
    assert message == "make(2) : un seul nombre est attendu ; obtenu : un tableau NumPy de 2 nombres, de forme (2,)."


def test_a_helper_of_the_cell_may_convert() -> None:
    """The conversion stands in a function of the test cell, and its local name is what is described."""
    tests = (
        "def token_of(result):\n    return np.asarray(result).item()\n"
        "def test_use():\n    'Usage.'\n    assert token_of(make(2)) in range(3)"
    )
    (criterion,) = graded("def make(n):\n    return torch.ones(n, dtype=torch.long)", tests).report.criteria
    assert criterion.kind is Kind.WRONG_SHAPE
    assert criterion.message == (
        "make(2) : un seul nombre est attendu ; obtenu : un tenseur PyTorch de 2 nombres, de forme (2,)."
    )


@pytest.mark.parametrize(
    ("answer", "use", "kind"),
    [
        ("return np.ones(2)", "    made = make(2)\n    made @ np.ones(3)", Kind.WRONG_SHAPE),
        ("return torch.ones(2)", "    made = make(2)\n    made[5]", Kind.WRONG_SHAPE),
        ("return np.ones(2)", "    made = make(2)\n    made[:, 0]", Kind.WRONG_SHAPE),
        ("return [1, 2]", "    made = make(2)\n    made.shape", Kind.WRONG_TYPE),
        ("return {}", "    made = make(2)\n    made['x']", Kind.WRONG_TYPE),
        ("return 3", "    made = make(2)\n    list(made)", Kind.WRONG_TYPE),
        ("return None", "    float(make(2))", Kind.RETURNED_NONE),
        ("return None", "    make(2) + 1", Kind.RETURNED_NONE),
        ("return None", "    make(2)[0]", Kind.RETURNED_NONE),
        ("return None", "    made = make(2)\n    made @ np.ones(3)", Kind.RETURNED_NONE),
        ("return None", "    made = make(2)\n    assert made == 1", Kind.RETURNED_NONE),
        ("return None", "    made = make(2)\n    assert np.asarray(made).item() == 1", Kind.RETURNED_NONE),
    ],
)
def test_the_checks_own_exception_is_not_told(answer: str, use: str, kind: Kind) -> None:
    """Whatever Python says when the test uses the result, the student reads of the result, in French."""
    found, message = message_of(answer, use)
    assert found is kind
    said = message.split("\n")[0]
    assert "a levé" not in said
    assert not any(word in said for word in ENGLISH)
    hidden, fixed = message_of(answer, use, hidden=True)
    assert hidden is kind
    assert "levé" not in fixed
    assert "make" not in fixed


def test_an_error_that_a_library_raises_in_the_answer_stays_the_answers() -> None:
    """The same words of NumPy, met in the student's own line, are the student's to read."""
    kind, message = message_of("return np.ones(n).item()", "    make(2)")
    assert kind is Kind.RAISED
    assert "ligne 2 de la cellule" in message


@pytest.mark.parametrize(
    ("answer", "call", "why"),
    [
        ("def make():\n    return 1", "make(3)", "elle prend 0 argument, et l'appel en donne 1."),
        ("def make(n, m):\n    return 1", "make(3)", "l'appel ne donne pas 'm'."),
        ("def make(n):\n    return 1", "make(3, axis=0)", "elle n'a pas d'argument 'axis'."),
    ],
)
def test_wrong_parameters_are_said_in_french(answer: str, call: str, why: str) -> None:
    """What Python says of a call that does not fit becomes a French sentence."""
    (criterion,) = graded(answer, f"def test_call():\n    'Appel.'\n    {call}").report.criteria
    assert criterion.message == f"{call} ne peut pas être appelée comme le demande l'énoncé : {why}"


def test_a_conversion_is_no_wrong_parameter() -> None:
    """« float() argument must be… » speaks of the test's float, and not of how the answer is called."""
    _, message = message_of("return {}", "    float(make(2))")
    assert "appelée" not in message


def test_an_extra_dimension_is_named() -> None:
    """keepdim left behind: both shapes, and which of them has one dimension too many."""
    kind, message = message_of("return np.ones((n, 1))", "    np.testing.assert_allclose(make(2), [1.0, 1.0])")
    assert kind is Kind.WRONG_SHAPE
    assert "forme attendue (2,), forme obtenue (2, 1)." in message
    assert "keepdim" in message
    kind, message = message_of("return np.ones(n)", "    made = make(2)\n    assert made.shape == (2, 1)")
    assert kind is Kind.WRONG_SHAPE
    assert message.endswith("forme obtenue (2,). Il manque une dimension de taille 1.")


def test_a_condition_shows_what_its_parts_are_worth() -> None:
    """Where no two sides are compared for equality, the values of the condition's names are given."""
    _, message = message_of("return 3", "    made = make(2)\n    assert made > 5")
    assert message.endswith("remplie : made > 5.\n    made vaut 3")
    _, message = message_of("return [1, 1]", "    made = make(2)\n    assert len(set(made)) > 1")
    assert "len(set(made)) vaut 1" in message


def test_a_direct_call_shows_what_it_gives() -> None:
    """`assert make(2) == 5` says what came; the answer's prints are not repeated."""
    result = graded(
        "def make(n):\n    print('fois')\n    return n / 3", "def test_v():\n    'V'\n    assert make(2) == 5"
    )
    assert "make(2) : attendu 5 ; obtenu 0,6667." in result.text
    assert result.text.count("fois") == 1
