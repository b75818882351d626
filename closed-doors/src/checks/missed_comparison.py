"""Explains a missed comparison of numpy.testing or torch.testing: types, shapes, then values."""

import ast
from typing import TYPE_CHECKING, Any

from .catalogues import say
from .failure import Failure
from .masks_as_squares import one_grid
from .name_of_call import call_of
from .report import Explained, Kind, Masks
from .values_as_text import VISIBLE_GAP, as_array, comparison, positional, short, type_name

if TYPE_CHECKING:
    import numpy as np


def compared_masks(error: BaseException, filename: str) -> Masks | None:
    """Return the two masks that a visible test compared when it failed; None where it compared something else.

    Args:
        error: the exception that came out of the test.
        filename: the file name of the grading cell.
    """
    compared = compared_values(Failure.of(error, filename))
    got, wanted = map(as_array, compared or (None, None))
    if got is None or wanted is None or got.shape != wanted.shape:
        return None
    drawn, asked = one_grid(got), one_grid(wanted)
    return None if drawn is None or asked is None else Masks(_rows(asked), _rows(drawn))


def _rows(mask: "np.ndarray") -> tuple[str, ...]:
    return tuple("".join("1" if value else "0" for value in row) for row in mask.tolist())


def compared_values(failure: Failure) -> tuple[object, object] | None:
    """Return what numpy.testing or torch.testing compared when the test failed: (obtained, expected)."""
    for frame, _ in failure.frames:
        module = frame.f_globals.get("__name__", "")
        values = frame.f_locals
        if module.startswith(("numpy.testing", "torch.testing")) and "actual" in values:
            for other in ("desired", "expected"):
                if other in values:
                    return _unwrapped(values["actual"]), values[other]
    return None


def _unwrapped(value: Any) -> object:
    """Return what NumPy has put into an array without dimensions to compare it, None or a text for instance."""
    return value.item() if type(value).__name__ == "ndarray" and as_array(value) is None and not value.ndim else value


def explain_comparison(failure: Failure, obtained: object, expected: object) -> Explained:
    """Say in what the obtained value is not the expected one."""
    call = call_of(failure)
    if obtained is None:
        return no_gradient(failure) if _compares_a_gradient(failure) else returned_none(failure)
    got, wanted = as_array(obtained), as_array(expected)
    if wanted is None:
        return Kind.WRONG_VALUES, say("missed.values", call=call, expected=short(expected), obtained=short(obtained))
    if got is None:
        wants = _numbers_like(expected)
        return Kind.WRONG_TYPE, say("compared.type", call=call, obtained=type_name(obtained), expected=wants)
    if not wanted.ndim and (got != wanted).any():  # for NumPy, a number is as good as an array full of it
        wanted = wanted.repeat(got.size).reshape(got.shape)
    if got.shape != wanted.shape:
        return Kind.WRONG_SHAPE, shapes(call, wanted.shape, got.shape)
    if got.dtype != wanted.dtype and (got == wanted).all():
        types = {"expected": str(wanted.dtype), "obtained": str(got.dtype)}
        return Kind.WRONG_TYPE, say("compared.number_type", call=call, **types)
    if not wanted.ndim and got == got:
        return Kind.WRONG_VALUES, say("missed.floats", call=call, expected=short(expected), obtained=short(obtained))
    drawn = comparison(got, wanted)
    return Kind.WRONG_VALUES, say("compared.values", call=call, counted=_counted(got, wanted), drawn=drawn)


def shapes(call: str, wanted: tuple[int, ...], got: tuple[int, ...]) -> str:
    """Say which shapes were expected and obtained, and whether they differ by dimensions of size 1 only."""
    both = {"call": call, "expected": str(wanted), "obtained": str(got)}
    same_but_for_ones = [size for size in wanted if size != 1] == [size for size in got if size != 1]
    if same_but_for_ones and len(got) > len(wanted):
        return say("compared.shape_too_long", **both)
    if same_but_for_ones and len(got) < len(wanted):
        return say("compared.shape_too_short", **both)
    return say("compared.shapes", **both)


def returned_none(failure: Failure) -> Explained:
    """Say that a return is missing."""
    return Kind.RETURNED_NONE, say("compared.returned_none", call=call_of(failure))


def no_gradient(failure: Failure) -> Explained:
    """Say that a gradient is missing."""
    return Kind.NO_GRADIENT, say("compared.no_gradient", call=call_of(failure))


def _numbers_like(expected: object) -> str:
    """Say what will do where the test compares with this value; a list often stands there for an array."""
    return say("compared.tensor_of_numbers" if type(expected).__name__ == "Tensor" else "compared.array_of_numbers")


def _counted(got: "np.ndarray", wanted: "np.ndarray") -> str:
    if (got != got).any() and not (wanted != wanted).any():
        return say("compared.nan")
    differing, gap = got != wanted, ""
    if got.dtype.kind == "f" or wanted.dtype.kind == "f":
        gaps = abs(got.astype(float) - wanted.astype(float))
        if (gaps > VISIBLE_GAP).any():
            differing = gaps > VISIBLE_GAP
        elif (gaps > 0).any():
            gap = positional(gaps[gaps > 0].max())
    count = int(differing.sum())
    if gap:
        return say("compared.differing_by", count=count, size=int(differing.size), gap=gap)
    return say("compared.differing", count=count, size=int(differing.size))


def _compares_a_gradient(failure: Failure) -> bool:
    """Whether the first value compared is a tensor's gradient, as in `assert_allclose(x.grad, …)`."""
    calls = [node for node in failure.at_line() if isinstance(node, ast.Call)]
    return any(isinstance(call.args[0], ast.Attribute) and call.args[0].attr == "grad" for call in calls if call.args)
