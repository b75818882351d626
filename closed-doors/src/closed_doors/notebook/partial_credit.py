"""Nbgrader's rule for a grading cell that ends with a value: a number is the points that it earns."""


def partial_credit(shown: str, points: float) -> float:
    """Return what a cell earns.

    Args:
        shown: the value of its last line, as a notebook shows it.
        points: what the cell is worth, which everything but a number from 0 to that earns.
    """
    try:
        number = float(shown)
    except ValueError:
        return points
    return number if 0 <= number <= points else points
