"""pandas' tables as plain data, and back: the one part of the codec that knows pandas, imported where a table came."""

import importlib
import sys
from typing import TYPE_CHECKING, TypeAlias

from closed_doors.grading.protocol.wire import CodecError, Ext, fields_of

if TYPE_CHECKING:
    import pandas as pd

    Column: TypeAlias = "pd.Series | pd.Index"

NUMPY_KINDS = "biufcmM"
EXTENSIONS = frozenset(
    {
        "str",
        "string",
        "boolean",
        "Float32",
        "Float64",
        *(f"{sign}Int{size}" for sign in ("", "U") for size in (8, 16, 32, 64)),
    }
)
LONGEST_TIME = 100


def owns(value: object) -> bool:
    """Whether a value is pandas'; it can't be where nobody has imported it."""
    return type(value).__module__.split(".")[0] == "pandas" and "pandas" in sys.modules


def content_of(value: object) -> tuple[Ext, object] | None:
    """Return what crosses in a value's place; None where it has no plain form."""
    import pandas as pd

    if value is pd.NaT or value is pd.NA:
        return Ext.TABLE, ["missing", [str(value)]]
    if isinstance(value, pd.Timestamp | pd.Timedelta):
        zone = str(value.tz) if isinstance(value, pd.Timestamp) and value.tz is not None else None
        return Ext.TABLE, [type(value).__name__, [value.isoformat(), zone]]
    parts = _parts(value)
    return None if parts is None or None in parts else (Ext.TABLE, [type(value).__name__, parts])


def _parts(value: object) -> list[object] | None:
    import pandas as pd

    match value:
        case pd.DataFrame():
            columns = [_column(value.iloc[:, place]) for place in range(value.shape[1])]
            return None if None in columns else [_index(value.index), _index(value.columns), columns]
        case pd.Series():
            return [_index(value.index), _column(value), [value.name]]
        case pd.Index():
            return [_index(value)]
        case pd.Categorical():
            return [_column(pd.Series(value))]
    return None


def _index(index: "pd.Index") -> list[object] | None:
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        return ["range", [index.start, index.stop, index.step, index.name]]
    if isinstance(index, pd.MultiIndex):
        return ["multi", [index.tolist(), list(index.names)]]
    column = _column(index)
    return None if column is None else ["plain", [column, index.name, getattr(index, "freqstr", None)]]


def _column(column: "Column") -> list[object] | None:
    import pandas as pd

    dtype, name = column.dtype, str(column.dtype)
    if isinstance(dtype, pd.CategoricalDtype):
        values = column if isinstance(column, pd.Index) else column.cat
        return ["category", [values.codes.tolist(), _index(values.categories), bool(values.ordered)]]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ["zoned", [column.to_numpy(dtype="M8[ns]"), str(dtype.tz), dtype.unit]]
    if getattr(dtype, "kind", "") in NUMPY_KINDS and not isinstance(dtype, pd.api.extensions.ExtensionDtype):
        return ["numbers", column.to_numpy()]
    if name == "object" or name in EXTENSIONS:
        return [
            name,
            [None if value is pd.NA or (name != "object" and value != value) else value for value in column.tolist()],
        ]
    return None


def read_table(content: object) -> object:
    """Return the table of an extension type's content.

    Raises:
        CodecError: the content is none.
    """
    pd = importlib.import_module("pandas")
    name, parts = fields_of(content, 2)
    match name, parts:
        case "missing", [which]:
            return pd.NaT if which == "NaT" else pd.NA
        case "Timestamp", [str(text), zone] if len(text) < LONGEST_TIME:
            found = pd.Timestamp(text)
            return found.tz_convert(_zone(zone)) if zone is not None else found
        case "Timedelta", [str(text), None] if len(text) < LONGEST_TIME:
            return pd.Timedelta(text)
        case "DataFrame", [index, columns, list(data)]:
            rows = _read_index(index)
            frame = pd.DataFrame({place: _read_column(column) for place, column in enumerate(data)}, index=rows)
            frame.columns = _read_index(columns)
            return frame
        case "Series", [index, column, [label]]:
            return pd.Series(_read_column(column), index=_read_index(index), name=label)
        case "Categorical", [column]:
            return _read_column(column)
        case str(), [index]:
            return _read_index(index)
    raise CodecError("a table is not as expected")


def _read_index(content: object) -> "pd.Index":
    import pandas as pd

    kind, inside = fields_of(content, 2)
    match kind, inside:
        case "range", [int(start), int(stop), int(step), name]:
            return pd.RangeIndex(start, stop, step, name=name)
        case "multi", [list(rows), list(names)]:
            return pd.MultiIndex.from_tuples(rows, names=names)
        case "plain", [column, name, freq]:
            index = pd.Index(_read_column(column), name=name)
            if isinstance(freq, str) and isinstance(index, pd.DatetimeIndex):
                index.freq = freq
            return index
    raise CodecError("an index is not as expected")


def _read_column(content: object) -> "pd.api.extensions.ExtensionArray":
    import numpy as np
    import pandas as pd

    kind, inside = fields_of(content, 2)
    match kind, inside:
        case "category", [list(codes), categories, bool(ordered)]:
            return pd.Categorical.from_codes(codes, _read_index(categories), ordered=ordered)
        case "zoned", [np.ndarray() as moments, str(zone), str(unit)]:
            return pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(_zone(zone)).as_unit(unit).array
        case "numbers", np.ndarray() as numbers if numbers.ndim == 1:
            return numbers
        case "object", list(values):
            found = np.empty(len(values), object)
            for place, value in enumerate(values):
                found[place] = value
            return found
        case str(name), list(values) if name in EXTENSIONS:
            return pd.array(values, dtype=name)
    raise CodecError("a column is not as expected")


def _zone(name: object) -> str:
    if type(name) is not str or len(name) > LONGEST_TIME or ".." in name or name.startswith("/"):
        raise CodecError("a time zone is not as expected")
    return name
