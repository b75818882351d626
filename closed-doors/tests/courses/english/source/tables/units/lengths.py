"""Lengths."""


def inches(mm):
    """Return millimetres in inches."""
    return round(mm / 25.4, 3)
