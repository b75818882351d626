"""What an author writes instead of a line that can't be judged from outside of the student's process."""

import re

INSIDE = "or name the cell under inside in course.toml, which runs it in the student's process (less closed)"
_OF_LINES = (
    (
        r"\bis\s+(not\s+)?(?!None\b|True\b|False\b|not\b)\w",
        "compare values with ==: whether two objects are the same one can't be told",
    ),
    (r"\bid\(", "compare values with ==: whether two objects are the same one can't be told"),
    (r"__code__|co_\w+|\bdis\.", "inspect.getsource gives the text of a function of the notebook"),
    (
        r"\bgc\.|sys\._getframe|inspect\.(stack|currentframe)|sys\.getrefcount|weakref",
        "test what the code gives, not how the interpreter holds it",
    ),
    (
        r"\bglobals\(\)|\blocals\(\)|\bvars\(\)|In\[|Out\[|get_ipython\(\)",
        "name what the student has to define, as `assert isinstance(answer, int)`",
    ),
    (r"^class \w+\(", "let the lesson or the solution define the subclass, and call what it gives"),
    (r"__class__|type\(.*\)\s*(is|==)", "isinstance(x, Class) asks the student's own class"),
)
_OF_ERRORS = (
    (
        "ModuleNotFoundError|ImportError",
        "install the module where grading runs, or put the file beside the notebook in source/",
    ),
    (
        "URLError|ConnectionError|gaierror|HTTPError|NewConnectionError|Max retries",
        "there is no network where grading runs: put what the cell downloads beside the notebook in source/",
    ),
    (
        r"CodecError: a message of",
        "pass and return less at a time, a shorter array for example: what crosses in one call has a limit",
    ),
    (
        "truth value of an array",
        "compare each array with np.array_equal: lists that hold one are equal only where it is the same object",
    ),
    ("MemoryError", "pass and compute less at a time: the memory of a process is bounded"),
    (
        "StdinNotImplementedError",
        "put a function in the place of builtins.input: in a notebook, input() does not read sys.stdin",
    ),
    ("it wrote on stderr", "catch the warning in the test, or let the solution write none"),
    ("'await' outside|'async |asynchronous", f"await it in a function of the solution that the test calls, {INSIDE}"),
    (
        "FileNotFoundError",
        "put the file beside the notebook in source/: students get what stands there; of what the student's code writes"
        " a test sees files below the notebook's folder and in tempfile's folders, none that Python would import,"
        f" {INSIDE}",
    ),
    (
        "does not run as code",
        "compare values: an ast.parse, an ast.literal_eval, what a function gives for the example; a test runs no"
        f" docstring and no pickle of a student's, {INSIDE}",
    ),
    ("TimeLimitExceeded", "make the test shorter, or set c.ClosedDoors.cell_timeout_s higher"),
    ("NameError", "define the name in a cell of the lesson, or in the solution"),
    (
        "AssertionError",
        "if `course try` says that an ordinary kernel refuses the solution too, mend the solution or this line; "
        f"else compare plain values of what it gives, {INSIDE}",
    ),
)
OF_A_KERNEL = ("In", "Out", "get_ipython")  # a name that is missing otherwise has nothing to do with how the line asks
_TEXTS = re.compile(r"""(["'])(?:\\.|(?!\1).)*\1""")  # what a text says is no code
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
GENERAL = f"Compare plain values (numbers, texts, lists, arrays, tables) of what the student's code gives; {INSIDE}."


def idiom(source: str, error: str) -> str:
    """Return what to write instead of a line of a test.

    Args:
        source: the line.
        error: what it raised.
    """
    missing, source = UNDEFINED.search(error), _TEXTS.sub("''", source)
    for pattern, remedy in () if missing and missing[1] not in OF_A_KERNEL else _OF_LINES:
        if re.search(pattern, source):
            return f"Instead: {remedy}; {INSIDE}."
    for pattern, remedy in _OF_ERRORS:
        if re.search(pattern, error):
            return f"{remedy[0].upper()}{remedy[1:]}."
    return GENERAL
