"""What a student reads when a criterion is missed: which function, what was expected, what came; never a traceback."""

import sys
from types import ModuleType

import pytest

from checks.cells import DefiningCell, only_a_stub
from checks.explain import explain
from checks.report import Kind, Masks
from support.check_cells import Notebook, graded

EQUAL = '''
def test_values():
    """Les valeurs sont justes."""
    np.testing.assert_array_equal(make(3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
'''
SECRET = "314159"


def only(answer: str, tests: str = EQUAL, **options: float) -> tuple[Kind, str, str]:
    """Kind, message and whole text of a cell with one criterion."""
    result = graded(answer, tests, **options)
    (criterion,) = result.report.criteria
    assert "Traceback" not in result.text
    assert result.points == 0.0
    return criterion.kind, criterion.message.replace("\u00a0", " "), result.text


def test_a_missing_function_is_named() -> None:
    """The student is told which function to write and to run its cell."""
    kind, message, _ = only("pass")
    assert kind is Kind.NOT_DEFINED
    assert message.startswith("La fonction make n'existe pas encore")


def test_a_stub_is_not_an_error() -> None:
    """raise NotImplementedError means: not written yet."""
    kind, message, _ = only("def make(n):\n    raise NotImplementedError()")
    assert kind is Kind.NOT_WRITTEN
    assert message.startswith("make n'est pas encore écrite")


def test_what_a_class_is_given_beside_its_stub_is_not_written_by_anybody() -> None:
    """`super().__init__()` above the line that says what is to be written is the exercise's own."""
    source = "class Layer:\n    def __init__(self):\n        super().__init__()\n        raise NotImplementedError()\n"
    assert only_a_stub(source, 4)
    assert not only_a_stub(source.replace("super().__init__()", "self.x = 1"), 4)


def test_what_a_library_cannot_do_is_not_a_stub() -> None:
    """PyTorch answers some operations with NotImplementedError: the answer is written, and its line is shown."""
    kind, message, _ = only("def make(n):\n    return torch.ones(n, device='meta').tolist()")
    assert kind is Kind.RAISED
    assert "make(3) a levé NotImplementedError" in message
    assert "ligne 2 de la cellule : return torch.ones" in message


def test_an_error_shows_the_students_own_line() -> None:
    """The error's type and text, and the line of the student's cell where it happened."""
    kind, message, _ = only("def make(n):\n    return n / 0")
    assert kind is Kind.RAISED
    assert "make(3) a levé ZeroDivisionError : division by zero" in message
    assert "ligne 2 de la cellule : return n / 0" in message


def test_an_error_inside_a_library_shows_the_students_line() -> None:
    """Frames of NumPy say nothing to a student; the call that led there does."""
    _, message, _ = only("def make(n):\n    return np.ones(n) @ np.ones(n + 1)")
    assert "ligne 2 de la cellule : return np.ones(n) @ np.ones(n + 1)" in message


def test_a_name_missing_inside_the_answer_is_an_error_of_the_answer() -> None:
    """A typing error in the function's body is not a missing function."""
    kind, message, _ = only("def make(n):\n    return np.tri(m)")
    assert kind is Kind.RAISED
    assert "NameError" in message


def test_a_forgotten_return_is_recognised() -> None:
    """None means that a return is missing, whatever the test does with it."""
    for tests in (
        EQUAL,
        "def test_shape():\n    '''Forme.'''\n    assert make(3).shape == (3, 3)",
        "def test_type():\n    '''Type.'''\n    result = make(3)\n    assert isinstance(result, np.ndarray)",
        "def test_value():\n    '''Valeur.'''\n    assert make(3) == 6",
    ):
        kind, message, _ = only("def make(n):\n    np.tri(n)", tests)
        assert kind is Kind.RETURNED_NONE
        assert "make(3) renvoie None" in message


def test_wrong_masks_are_drawn() -> None:
    """Expected and obtained stand side by side, and misplaced values are marked."""
    kind, message, _ = only("def make(n):\n    return np.tri(n).T")
    assert kind is Kind.WRONG_VALUES
    assert "make(3) : 6 valeurs différentes sur 9." in message
    assert "■ · ·      ■ ▣ ▣" in message
    assert "■ ■ ■      □ □ ■" in message


STACKED = """
def test_values():
    'Les valeurs sont justes.'
    np.testing.assert_array_equal(make(3), {expected})
"""


def test_a_mask_with_more_dimensions_is_drawn_too() -> None:
    """One example is drawn as a mask without that dimension; of several, each with its place."""
    _, message, _ = only("def make(n):\n    return np.tri(n).T[None]", STACKED.format(expected="np.tri(3)[None]"))
    assert "■ · ·      ■ ▣ ▣" in message
    expected = "np.stack([np.tri(3), np.ones((3, 3))])[:, None]"
    _, message, _ = only("def make(n):\n    return np.ones((2, 1, n, n))", STACKED.format(expected=expected))
    assert "    [0, 0]\n    ■ · ·      ■ ▣ ▣" in message
    assert "    [1, 0]\n    ■ ■ ■      ■ ■ ■" in message
    _, message, _ = only("def make(n):\n    return np.ones((9, n, n))", STACKED.format(expected="np.zeros((9, 3, 3))"))
    assert "■" not in message  # too many to be looked at


GIVEN = """
def test_values():
    'Les valeurs sont justes.'
    rows, much, n = np.array([[1.0, 2.0]]), np.zeros((9, 9)), 2
    np.testing.assert_array_equal(make(rows, much[:n], 3), 5)
"""


def test_what_the_call_was_given_is_written() -> None:
    """The values of the names in the call, where its text does not hold them; the shape of large ones."""
    for answer in ("return 4", "return x[0, 7]"):
        _, message, _ = only(f"def make(x, y, z):\n    {answer}", GIVEN)
        assert "make(rows, much[:n], 3)" in message
        assert "rows vaut [[1 ; 2]]" in message
        assert "much est un tableau de forme (9, 9), de 0 à 0" in message
        assert "n vaut 2" in message
    hidden = f"### BEGIN HIDDEN TESTS{GIVEN}### END HIDDEN TESTS"
    assert "vaut" not in only("def make(x, y, z):\n    return 4", hidden)[1]


@pytest.mark.parametrize("name", ["Make", "maek", "mak", "makes", "mäke", "ma_ke"])
def test_a_name_that_is_nearly_right_is_pointed_out(name: str) -> None:
    """Another case, an accent, one letter too many, too few, another one, or two exchanged."""
    cells = {name: DefiningCell(f"def {name}(n): ..."), "other": DefiningCell("def other(n): ...")}
    kind, message = failing(f"def {name}(n): ...", "def test_it():\n    make(3)", cells, hidden=False)
    assert kind is Kind.NOT_DEFINED
    assert f"Une de vos cellules définit {name}" in message.replace("\u00a0", " ")


@pytest.mark.parametrize("name", ["bake_2", "other", "zz"])
def test_another_name_is_not_pointed_out(name: str) -> None:
    """A different word, or another number."""
    cells = {name: DefiningCell(f"def {name}(n): ...")}
    _, message = failing(f"def {name}(n): ...", "def test_it():\n    bake_1(3)", cells, hidden=False)
    assert name not in message


def test_a_magic_that_keeps_names_to_itself_is_named() -> None:
    """Below %%timeit, a function is defined for the measure alone: its cell ended well, and the name is not there."""
    cells = {"make": DefiningCell("\ndef make(n): ...", magic="%%timeit")}
    kind, message = failing("pass", "def test_it():\n    make(3)", cells, hidden=False)
    assert kind is Kind.NOT_DEFINED
    assert "%%timeit" in message
    assert "n'existe pas" in message


def test_other_values_are_written() -> None:
    """Small arrays are written with four digits."""
    tests = "def test_v():\n    '''Valeurs.'''\n    np.testing.assert_allclose(make(2), [0.5, 0.25])"
    _, message, _ = only("def make(n):\n    return np.array([0.5, 1 / 3])", tests)
    assert "1 valeur différente sur 2." in message
    assert "attendu : [0,5 ; 0,25]" in message
    assert "0,3333" in message


def test_nan_is_named() -> None:
    """nan is called by its name before numbers are compared."""
    tests = "def test_v():\n    '''Valeurs.'''\n    np.testing.assert_allclose(make(2), [0.5, 0.25])"
    _, message, _ = only("def make(n):\n    return np.array([0.5, np.nan])", tests)
    assert "contient des nan" in message


@pytest.mark.parametrize(
    "assertion", ["np.testing.assert_array_equal(got, want)", "torch.testing.assert_close(got, want)"]
)
def test_torch_tensors_are_compared_too(assertion: str) -> None:
    """numpy.testing and torch.testing both give expected and obtained, for tensors with a gradient as well."""
    tests = f"def test_v():\n    '''Valeurs.'''\n    got, want = make(2), torch.ones(2, 2)\n    {assertion}"
    kind, message, _ = only("def make(n):\n    return torch.zeros(n, n, requires_grad=True)", tests)
    assert kind is Kind.WRONG_VALUES
    assert "4 valeurs différentes sur 4" in message


def test_a_wrong_shape_is_said_before_values() -> None:
    """Shapes are compared first."""
    kind, message, _ = only("def make(n):\n    return np.tri(n + 1)")
    assert kind is Kind.WRONG_SHAPE
    assert "forme attendue (3, 3), forme obtenue (4, 4)" in message


@pytest.mark.parametrize(
    ("value", "name"), [("'texte'", "du texte"), ("lambda: 1", "une fonction"), ("{}", "un dictionnaire")]
)
def test_a_wrong_type_is_named(value: str, name: str) -> None:
    """What is no array is named in French."""
    for use in ("array_equal(make(3), [1, 2])", "allclose(make(3), [1.0, 2.0])"):
        kind, message, _ = only(
            f"def make(n):\n    return {value}", f"def test_t():\n    'T'\n    np.testing.assert_{use}"
        )
        assert kind is Kind.WRONG_TYPE
        assert f"renvoie {name}" in message


def test_a_plain_assertion_shows_both_sides() -> None:
    """`assert mask.shape == (n, n)` gives the expected and the obtained shape."""
    tests = (
        "def test_s():\n    '''Forme.'''\n    for n in (1, 2):\n"
        "        mask = make(n)\n        assert mask.shape == (n, n)"
    )
    kind, message, _ = only("def make(n):\n    return np.tri(n, 1)", tests)
    assert kind is Kind.WRONG_SHAPE
    assert "make(2) : forme attendue (2, 2), forme obtenue (2, 1)." in message


def test_an_authors_message_is_kept() -> None:
    """The text after the comma of an assert is what the student reads."""
    tests = "def test_m():\n    '''Message.'''\n    assert make(1) > 5, 'Il faut plus de 5.'"
    kind, message, _ = only("def make(n):\n    return n", tests)
    assert kind is Kind.FAILED
    assert message == "Il faut plus de 5."


def test_a_number_is_compared_with_every_element() -> None:
    """numpy.testing lets a single number stand for an array: where values are wrong, the shape is not to blame."""
    kind, message, _ = only(
        "def make(n):\n    return np.arange(n)", "def test_v():\n    'V'\n    np.testing.assert_array_equal(make(3), 0)"
    )
    assert kind is Kind.WRONG_VALUES
    assert "2 valeurs différentes sur 3" in message


def test_a_difference_too_small_to_be_written_is_said() -> None:
    """Where four digits show the same numbers, the largest gap is given in their place."""
    tests = "def test_v():\n    'V'\n    np.testing.assert_allclose(make(2), [0.5, 0.25], rtol=1e-7)"
    kind, message, _ = only("def make(n):\n    return np.array([0.5, 0.25002])", tests)
    assert kind is Kind.WRONG_VALUES
    assert message.startswith("make(2) : 1 valeur différente sur 2, de 0,00002 au plus.")


def test_nan_that_is_wanted_is_no_gap() -> None:
    """A missing nan is one different value, and not a small difference."""
    tests = "def test_v():\n    'V'\n    np.testing.assert_allclose(make(2), [0.5, np.nan])"
    _, message, _ = only("def make(n):\n    return np.array([0.5, 0.5])", tests)
    assert message.startswith("make(2) : 1 valeur différente sur 2.")


def test_a_type_of_numbers_is_told_from_their_values() -> None:
    """torch.testing asks for the type too: equal numbers of another one are no different values."""
    tests = "def test_t():\n    'T'\n    torch.testing.assert_close(make(2), torch.ones(2))"
    kind, message, _ = only("def make(n):\n    return torch.ones(n).double()", tests)
    assert kind is Kind.WRONG_TYPE
    assert "le type des nombres : attendu float32, obtenu float64." in message


@pytest.mark.parametrize(
    "use",
    [
        "np.testing.assert_allclose(make(2), [0.5, 0.25])",
        "torch.testing.assert_close(make(2), torch.ones(2))",
        "first, second = make(2)",
    ],
)
def test_none_is_recognised_however_it_is_used(use: str) -> None:
    """NumPy makes an array of None before it compares; a test may also take None apart."""
    kind, message, _ = only("def make(n):\n    pass", f"def test_n():\n    'N'\n    {use}")
    assert kind is Kind.RETURNED_NONE
    assert "make(2) renvoie None" in message


@pytest.mark.parametrize("result", ["n", "(n,)", "(n, n, n)", "torch.zeros(3)", "torch.zeros(())"])
def test_a_missing_second_result_is_said(result: str) -> None:
    """Where a test takes two results and another number comes, Python's English is not what the student reads."""
    tests = "def test_two():\n    'Deux.'\n    first, second = make(4)"
    kind, message, _ = only(f"def make(n):\n    return {result}", tests)
    assert kind is Kind.WRONG_TYPE
    assert message == "make(4) doit renvoyer 2 valeurs, séparées par une virgule après return."


@pytest.mark.parametrize(
    ("answer", "use"),
    [
        ("return (x.detach() ** 2).sum()", "make(x).backward()"),
        ("return (x.detach() ** 2).sum().requires_grad_()", "make(x).backward()"),
        ("return (x.detach() ** 2).sum().requires_grad_()", "make(x).backward()\n    assert x.grad is not None"),
    ],
)
def test_a_cut_gradient_is_said(answer: str, use: str) -> None:
    """Whether PyTorch refuses to go back, or leaves the input without a gradient."""
    tests = (
        "def test_g():\n    'G'\n    x = torch.ones(3, requires_grad=True)\n"
        f"    {use}\n    np.testing.assert_allclose(x.grad, [2, 2, 2])"
    )
    kind, message, _ = only(f"def make(x):\n    {answer}", tests)
    assert kind is Kind.NO_GRADIENT
    assert message.startswith("make(x) : un gradient manque")


def test_a_method_is_named_with_its_class() -> None:
    """What failed is the method that the test called, and not the construction of its object."""
    answer = "class Made:\n    def __init__(self, n): pass\n    def step(self, x):\n        return np.ones(x)"
    tests = "def test_m():\n    'M'\n    made = Made(8)\n    np.testing.assert_array_equal(made.step(2), [1, 2])"
    _, message, _ = only(answer, tests)
    assert message.startswith("Made.step(2) : 1 valeur différente sur 2.")


def test_a_line_of_another_function_is_told_apart() -> None:
    """A line of a function that the notebook or the student wrote elsewhere comes with the function's name."""
    answer = "def helper(n):\n    return n / 0\n\ndef make(n):\n    return helper(n)"
    _, message, _ = only(answer)
    assert "ligne 2 de la cellule, dans helper : return n / 0" in message


def test_an_error_that_did_not_come_is_said() -> None:
    """pytest.raises speaks French here."""
    tests = "def test_r():\n    '''Erreur.'''\n    with pytest.raises(ValueError):\n        make(-1)"
    kind, message, _ = only("def make(n):\n    return n", tests)
    assert kind is Kind.NOT_RAISED
    assert message == "make(-1) devait lever ValueError, et n'a levé aucune erreur."


def test_wrong_parameters_are_explained() -> None:
    """A function that takes other arguments than asked is told so."""
    _, message, _ = only("def make():\n    return 1")
    assert "ne peut pas être appelée comme le demande l'énoncé" in message


def test_endless_recursion_is_named() -> None:
    """RecursionError becomes a sentence."""
    _, message, _ = only("def make(n):\n    return make(n)")
    assert "s'appelle elle-même sans fin" in message


def test_a_helper_of_the_test_cell_names_the_function_it_was_given() -> None:
    """Where the call is written in a helper, the student's function is named all the same."""
    tests = (
        "def check(function):\n    np.testing.assert_array_equal(function(2), [1, 1])\n"
        "def test_h():\n    '''Aide.'''\n    check(make)"
    )
    _, message, _ = only("def make(n):\n    return np.zeros(n)", tests)
    assert message.startswith("make(2) : ")


@pytest.mark.parametrize(
    "answer", ["make = lambda n: np.zeros(n)", "def other(n):\n    return np.zeros(n)\nmake = other"]
)
def test_a_function_without_a_name_of_its_own_has_the_notebooks(answer: str) -> None:
    """A lambda is called what the student called it, in a helper of the test cell too."""
    tests = (
        "def check(function):\n    np.testing.assert_array_equal(function(2), [1, 1])\n"
        "def test_h():\n    '''Aide.'''\n    check(make)"
    )
    _, message, _ = only(answer, tests)
    assert message.startswith(("make(2) : ", "other(2) : "))


def test_a_list_of_the_tests_own_is_not_asked_for() -> None:
    """Where the test writes its numbers in a list, an array is what is wanted."""
    _, message, _ = only("def make(n):\n    return 'texte'")
    assert message == "make(3) renvoie du texte ; il faut un tableau de nombres."


@pytest.mark.parametrize(
    "answer",
    [
        "class Bad:\n    def __repr__(self):\n        raise ValueError\ndef make(n):\n    return Bad()",
        "class Bad(Exception):\n    def __str__(self):\n        raise ValueError\ndef make(n):\n    raise Bad",
        "def make(n):\n    raise ValueError('\\x1b[31mrouge\\x00\\ud800' + 'y' * 100000)",
        "def make(n):\n    return 'y' * 10**7",
    ],
)
def test_hostile_objects_are_written_safely(answer: str) -> None:
    """A repr that fails, control characters or endless texts end as a short, printable message."""
    _, message, text = only(answer)
    assert len(message) < 700
    assert "\x1b" not in text
    text.encode("utf-8")


@pytest.mark.parametrize(
    "answer",
    [
        f"def make(n):\n    raise ValueError('{SECRET}' + str(n))",
        f"def make(n):\n    print('{SECRET}', n)\n    return np.full((3, 3), {SECRET})",
        f"def make(n):\n    assert False, '{SECRET}'",
        "def make(n):\n    return np.zeros(n)",
        "def make(n):\n    return None",
        "def make(n):\n    while True: pass",
        "pass",
    ],
)
def test_a_hidden_criterion_tells_no_value(answer: str) -> None:
    """Neither inputs, nor values, nor an error's text of a hidden test reach the student."""
    tests = f'''
### BEGIN HIDDEN TESTS
def test_secret():
    """Autres longueurs."""
    np.testing.assert_array_equal(make({SECRET}), np.full((3, 3), 7{SECRET}))
### END HIDDEN TESTS
'''
    _, message, text = only(answer, tests, timeout_s=0.3)
    assert SECRET not in text
    assert "make(" not in message
    assert message


def test_wrong_masks_are_data_too() -> None:
    """Reports draw them anew: the two masks of a visible test, row by row; nothing where values are no masks."""
    (criterion,) = graded("def make(n):\n    return np.tri(n).T", EQUAL).report.criteria
    assert criterion.masks == Masks(("100", "110", "111"), ("111", "011", "001"))
    (criterion,) = graded("def make(n):\n    return 2 * np.tri(n)", EQUAL).report.criteria
    assert criterion.masks is None
    (criterion,) = graded("def make(n):\n    return np.tri(2)", EQUAL).report.criteria
    assert criterion.masks is None
    one = STACKED.format(expected="np.tri(3)[None]")
    (criterion,) = graded("def make(n):\n    return np.tri(n).T[None]", one).report.criteria
    assert criterion.masks == Masks(("100", "110", "111"), ("111", "011", "001"))


def test_masks_of_a_hidden_test_stay_hidden() -> None:
    """What a hidden test expects is nowhere in its criterion."""
    hidden = f"### BEGIN HIDDEN TESTS{EQUAL}### END HIDDEN TESTS"
    (criterion,) = graded("def make(n):\n    return np.tri(n).T", hidden).report.criteria
    assert criterion.hidden
    assert criterion.masks is None


def failing(answer: str, test: str, cells: dict[str, DefiningCell], hidden: bool) -> tuple[Kind, str]:
    """What is said of a test that fails, by somebody who knows how the answer cells ended."""
    notebook = Notebook()
    notebook.run(answer)
    notebook.run(test)
    function = notebook.namespace["test_it"]
    with pytest.raises((NameError, NotImplementedError, AssertionError)) as raised:
        function()
    return explain(raised.value, function.__code__.co_filename, hidden, 5, cells)


@pytest.mark.parametrize("hidden", [False, True])
def test_a_cell_that_stopped_is_told_in_place_of_a_missing_function(hidden: bool) -> None:
    """What stopped the cell was known before any hidden test, so a hidden criterion may tell it too."""
    cell = DefiningCell("import absent\ndef make(n): ...", "ModuleNotFoundError", "No module named 'absent'", 1)
    kind, message = failing("pass", "def test_it():\n    make(3)", {"make": cell}, hidden)
    assert kind is Kind.CELL_FAILED
    assert message.replace("\u00a0", " ") == (
        "La cellule qui définit make s'est arrêtée à la ligne 1 : un import échoue "
        "(ModuleNotFoundError, No module named 'absent')."
    )


class StandIn(ModuleType):
    """Stands where a library is missing, and says so."""

    __stand_in__ = True


@pytest.mark.parametrize(("there", "kind"), [(True, Kind.INTERNAL), (False, Kind.CELL_FAILED)])
def test_a_cell_that_lacks_what_a_stand_in_stands_for_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, there: bool, kind: Kind
) -> None:
    """As in JupyterLite: a cell that stops for want of a library, where it can't be had, is no missed criterion."""
    if there:
        monkeypatch.setitem(sys.modules, "absent", StandIn("absent"))
    cell = DefiningCell("def make(n): ...\nabsent.run()", "ModuleNotFoundError", "Absent n'est pas installé ici.", 2)
    found, message = failing("pass", "def test_it():\n    make(3)", {"make": cell}, hidden=False)
    assert found is kind
    assert message.startswith("Absent n'est pas installé ici. Ce critère n'est pas compté.") is there
    typo = DefiningCell("import nunpy\ndef make(n): ...", "ModuleNotFoundError", "No module named 'nunpy'", 1)
    assert failing("pass", "def test_it():\n    make(3)", {"make": typo}, hidden=False)[0] is Kind.CELL_FAILED


def test_a_helper_whose_cell_stopped_is_the_reason() -> None:
    """Met in the student's own call, it is the cause where values may be told, and nothing but a type where not."""
    cells = {"helper": DefiningCell("def helper(n)", "SyntaxError", "expected ':'", 1)}
    answer, test = "def make(n):\n    return helper(n)", "def test_it():\n    make(3)"
    kind, message = failing(answer, test, cells, hidden=False)
    assert kind is Kind.CELL_FAILED
    assert "La cellule qui définit helper" in message
    assert failing(answer, test, cells, hidden=True) == (Kind.RAISED, "Votre code a levé une erreur NameError.")


def test_a_raise_left_behind_keeps_its_line_from_hidden_tests() -> None:
    """Which line a hidden input led to would tell of it."""
    answer = "def make(n):\n    if n < 2:\n        return n\n    raise NotImplementedError()"
    kind, message = failing(answer, "def test_it():\n    make(3)", {}, hidden=False)
    assert kind is Kind.RAISED
    assert "ligne 4" in message
    kind, message = failing(answer, "def test_it():\n    make(3)", {}, hidden=True)
    assert (kind, message) == (Kind.RAISED, "Votre code a levé une erreur NotImplementedError.")


def test_a_value_that_stands_for_the_students_says_so_itself() -> None:
    """An object that reaches another process carries a mark; where it comes from does not matter."""
    answer = (
        "import types\nremote = types.ModuleType('elsewhere')\n"
        "exec('class Made:\\n    __checks_student__ = True\\n    def __call__(self, n): return n', remote.__dict__)\n"
        "make = remote.Made()"
    )
    _, message = failing(answer, "def test_it():\n    np.testing.assert_equal(make(3), 4)", {}, hidden=False)
    assert message.startswith("make(3) : ")


HELPER = """
def check_array(result, expected):
    assert isinstance(result, np.ndarray), "Il faut un tableau NumPy."
    assert result.shape == np.shape(expected)
    np.testing.assert_array_equal(result, expected)
"""
ITS_TEST = '''
def test_mask():
    """Le masque est celui de l'énoncé."""
    check_array(mask(2), [[1, 0], [1, 1]])
run_tests(points=1)
'''


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("return np.tri(n).T", "mask(2) : 2 valeurs différentes sur 4."),
        ("return np.tri(n)[:1]", "mask(2) : la condition vérifiée n'est pas remplie : result.shape"),
        ("return [1]", "Il faut un tableau NumPy. Obtenu : une liste."),
        ("return np.tri(m)", "mask(2) a levé NameError"),
    ],
)
def test_a_helper_of_an_earlier_check_is_no_students_code(answer: str, said: str) -> None:
    """What a helper finds is told in the same words in the cell that defines it and in a later one."""
    notebook = Notebook()
    notebook.run(f"def mask(n):\n    {answer}")
    first = notebook.run(HELPER + ITS_TEST)
    assert said in first.replace("\u00a0", " ")
    assert notebook.run(ITS_TEST) == first
