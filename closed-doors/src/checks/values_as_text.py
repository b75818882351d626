"""Puts values into text: short, without surprises, and drawn where it is a small mask (see `masks_as_squares`)."""

import contextlib
import math
import re
import sys
from typing import TYPE_CHECKING, Any

from .catalogues import say, words
from .masks_as_squares import is_mask, side_by_side

if TYPE_CHECKING:
    import numpy as np

MOST_BRIEF = 24
LONGEST_VALUE = 240
LONGEST_LINE = 110
INDENT = "    "
LARGEST_PLAIN = 1e6
NAMED = frozenset(  # types whose name students read in their language
    ("ndarray", "Tensor", "list", "tuple", "NoneType", "str", "dict", "function", "int", "float", "bool")
)
VISIBLE_GAP = 1e-4  # two numbers that are nearer are written alike
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str, limit: int = LONGEST_VALUE) -> str:
    """Take control characters and addresses in memory out of a text, and shorten it."""
    text = _ADDRESS.sub("0x…", _CONTROL.sub("", text[: 4 * limit]))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def short(value: object) -> str:
    """Write a value in few characters, even where its repr fails or never ends."""
    if value is None:
        return "None"
    with contextlib.suppress(Exception):
        array = as_array(value)
        if array is not None and array.ndim:
            return _array_text(array)
        plain = array.item() if array is not None else value
        return _number(plain) if isinstance(plain, float) else clean(repr(plain))
    return say("value.not_shown", type=clean(type(value).__name__, 60))


def summary_of(value: object) -> str:
    """Return the shape of an array that is too large to stand beside others; empty for any other value."""
    array = as_array(value)
    return _summary(array) if array is not None and array.size > MOST_BRIEF else ""


def positional(value: float) -> str:
    """Write a small number without a power of ten."""
    written: str = sys.modules["numpy"].format_float_positional(value, precision=1, fractional=False, trim="-")
    return words().marked(written)


def as_array(value: object) -> "np.ndarray | None":
    """Return an array, a tensor, a number or a list of numbers as a NumPy array; None for anything else."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    torch = sys.modules.get("torch")
    try:
        if torch is not None and isinstance(value, torch.Tensor):
            tensor = value.detach().cpu()
            value = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
        if not isinstance(value, numpy.ndarray | numpy.generic | bool | int | float | list | tuple):
            return None
        array = numpy.asarray(value)
    except Exception:  # rows of several lengths, or of tensors that want a gradient; a tensor without values
        return None
    return array if array.dtype.kind in "biufc" else None


def type_name(value: object) -> str:
    """Name a value's type as one tells a student."""
    name = type(value).__name__
    return say(f"value.{name}") if name in NAMED else say("value.object", type=clean(name, 60))


def comparison(obtained: "np.ndarray", expected: "np.ndarray") -> str:
    """Draw the expected and the obtained value side by side, two arrays of one shape."""
    if is_mask(obtained) and is_mask(expected):
        grids = (f"{INDENT}{line}" for line in side_by_side(obtained, expected))
        return "\n".join([*grids, say("compared.legend")])
    lines = (
        say("compared.expected_line", value=_array_text(expected)),
        say("compared.obtained_line", value=_array_text(obtained)),
    )
    return "\n".join(lines)


def _array_text(array: "np.ndarray") -> str:
    if array.size > 64:
        return _summary(array)
    numpy = sys.modules["numpy"]
    width = max((len(_number(value)) for value in array.flat), default=0) if array.ndim > 1 else 0
    text = numpy.array2string(
        array,
        max_line_width=LONGEST_LINE,
        separator=say("value.separator"),
        formatter={"float_kind": lambda value: _number(value).rjust(width)},
    )
    return str(text).replace("\n", "\n" + INDENT + " " * 10)


def _summary(array: "np.ndarray") -> str:
    least, most = _number(array.min()), _number(array.max())
    return say("value.large_array", shape=str(tuple(array.shape)), least=least, most=most)


def _number(value: Any) -> str:
    """Write a number with four decimals; a very large or small one with a power of ten."""
    if getattr(getattr(value, "dtype", None), "kind", "") == "c" or isinstance(value, complex):
        value = abs(value)
    number = float(value)
    if not math.isfinite(number) or not (number == 0 or VISIBLE_GAP <= abs(number) < LARGEST_PLAIN):
        written = f"{number:.4g}"
    else:
        written = f"{number:.4f}".rstrip("0").rstrip(".")
    return words().marked(written)
