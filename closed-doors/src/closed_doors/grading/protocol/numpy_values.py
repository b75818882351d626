"""NumPy's arrays and scalars as plain data, and back; imports NumPy only where a message holds one."""

import math
import sys
from typing import TYPE_CHECKING, Literal, TypeGuard

from closed_doors.grading.protocol.wire import LARGEST_MESSAGE_BYTES, CodecError, Ext, fields_of, sizes_of

if TYPE_CHECKING:
    import numpy as np

KINDS = "biufcUS"
LARGEST_ITEM = 4096
LARGEST_OBJECT_ARRAY = 100_000


def owns(value: object) -> TypeGuard["np.ndarray | np.generic"]:
    """Whether a value is NumPy's; it can't be where nobody has imported it."""
    np = sys.modules.get("numpy")
    return np is not None and isinstance(value, np.ndarray | np.generic)


def content_of(value: "np.ndarray | np.generic") -> tuple[Ext, object] | None:
    """Return what crosses in a value's place; None where it has no plain form."""
    import numpy as np

    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.size <= LARGEST_OBJECT_ARRAY:
        value = np.array(value.tolist())  # objects that are plain numbers after all
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

    if type(name) is not str or len(name) > 8 or name[:1] not in "<>|=" or name[1:2] not in tuple(KINDS):
        raise CodecError("an array's type is not allowed")
    dtype = np.dtype(name)
    if dtype.kind not in KINDS or dtype.itemsize > LARGEST_ITEM or dtype.hasobject:
        raise CodecError("an array's type is not allowed")
    return dtype
