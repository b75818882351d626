"""NumPy's arrays and scalars as plain data, and back; imports NumPy only where a message holds one."""

import math
import re
import sys
from typing import TYPE_CHECKING, Literal, TypeGuard

from closed_doors.grading.protocol.wire import LARGEST_MESSAGE_BYTES, CodecError, Ext, fields_of, sizes_of

if TYPE_CHECKING:
    import numpy as np

KINDS = "biufcUSMm"
TIMES = re.compile(r"[<>=|][Mm]8(\[\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?")
LARGEST_ITEM = 4096
LARGEST_OBJECT_ARRAY = 100_000


def owns(value: object) -> TypeGuard["np.ndarray | np.generic | np.dtype"]:
    """Whether a value is NumPy's; it can't be where nobody has imported it."""
    np = sys.modules.get("numpy")
    return np is not None and isinstance(value, np.ndarray | np.generic | np.dtype)


def content_of(value: "np.ndarray | np.generic | np.dtype") -> tuple[Ext, object] | None:
    """Return what crosses in a value's place; None where it has no plain form."""
    import numpy as np

    if isinstance(value, np.dtype):
        return (Ext.NUMPY_DTYPE, value.str) if value.kind in KINDS else None
    if isinstance(value, np.ma.MaskedArray):
        return Ext.MASKED_ARRAY, [np.asarray(value.data), np.ma.getmaskarray(value)]
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.size <= LARGEST_OBJECT_ARRAY:
        value = _plain_after_all(value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.size <= LARGEST_OBJECT_ARRAY:
        return Ext.OBJECT_ARRAY, [list(value.shape), list(value.flat)]
    if value.dtype.kind not in KINDS or value.dtype.itemsize > LARGEST_ITEM:
        return None
    if isinstance(value, np.generic):
        array = np.asarray(value)
        return Ext.SCALAR, [array.dtype.str, array.tobytes()]
    array = np.asarray(value, dtype=value.dtype.newbyteorder("=")).view(np.ndarray)
    order: Literal["F", "C"] = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    return Ext.ARRAY, [array.dtype.str, list(array.shape), order, array.tobytes(order)]


def read_array(content: object) -> "np.ndarray":
    """Return the array of an extension type's content.

    Raises:
        CodecError: the content is not one.
    """
    import numpy as np

    name, shape, order, raw = fields_of(content, 4)
    dtype, sizes = _dtype(name), sizes_of(shape)
    if math.prod(sizes) > LARGEST_MESSAGE_BYTES:  # of nothing, where an item has no size
        raise CodecError("an array is too large")
    if type(raw) is not bytes or order not in ("C", "F") or len(raw) != math.prod(sizes) * dtype.itemsize:
        raise CodecError("an array's bytes do not fit its shape")
    flat = np.frombuffer(bytearray(raw), dtype=dtype) if raw else np.empty(0, dtype)
    return flat.reshape(sizes, order="F" if order == "F" else "C")


def read_object_array(content: object) -> "np.ndarray":
    """Return the array of objects of an extension type's content.

    Raises:
        CodecError: the content is not one.
    """
    import numpy as np

    shape, values = fields_of(content, 2)
    sizes = sizes_of(shape)
    if type(values) is not list or math.prod(sizes) != len(values):
        raise CodecError("an array's values do not fit its shape")
    found = np.empty(len(values), object)
    for place, value in enumerate(values):
        found[place] = value
    return found.reshape(sizes)


def read_masked_array(content: object) -> "np.ma.MaskedArray":
    """Return the masked array of an extension type's content.

    Raises:
        CodecError: the content is not one.
    """
    import numpy as np

    data, mask = fields_of(content, 2)
    if not isinstance(data, np.ndarray) or not isinstance(mask, np.ndarray) or data.shape != mask.shape:
        raise CodecError("a masked array's parts do not fit")
    return np.ma.MaskedArray(data, mask.astype(bool))


def read_dtype(name: object) -> "np.dtype":
    """Return the type of arrays of this name.

    Raises:
        CodecError: it is not allowed.
    """
    return _dtype(name)


def _plain_after_all(value: "np.ndarray") -> "np.ndarray":
    """Return an array of objects as one of numbers, where they are nothing else."""
    import numpy as np

    try:
        found = np.array(value.tolist())
    except ValueError:  # lists of several lengths
        return value
    return found if found.shape == value.shape and found.dtype.kind in "biufc" else value


def read_scalar(content: object) -> "np.generic":
    """Return the NumPy scalar of an extension type's content.

    Raises:
        CodecError: the content is not one.
    """
    import numpy as np

    name, raw = fields_of(content, 2)
    dtype = _dtype(name)
    if type(raw) is not bytes or len(raw) != dtype.itemsize:
        raise CodecError("a number's bytes do not fit its type")
    found: np.generic = np.frombuffer(raw, dtype=dtype)[0] if raw else dtype.type()
    return found


def _dtype(name: object) -> "np.dtype":
    import numpy as np

    if type(name) is not str or len(name) > 12 or name[:1] not in "<>|=" or name[1:2] not in tuple(KINDS):
        raise CodecError("an array's type is not allowed")
    if name[1] in "Mm" and not TIMES.fullmatch(name):
        raise CodecError("an array's type is not allowed")
    dtype = np.dtype(name)
    if dtype.kind not in KINDS or dtype.itemsize > LARGEST_ITEM or dtype.hasobject:
        raise CodecError("an array's type is not allowed")
    return dtype
