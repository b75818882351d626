"""The one room that speaks to nbgrader."""
