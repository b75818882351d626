"""A cell's points, as nbgrader reads them and as the student sees them."""


class Points(float):
    """A number of points that is not shown under the cell: the report says it already, with a decimal mark of its own.

    nbgrader reads partial credit in the result's "text/plain" form, which stays this number; Jupyter shows the
    "text/html" form where there is one, and this one is empty.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return ""
