"""Names of the stations."""

NAMES = {"BE": "Bern", "GE": "Genève"}
