"""Grades nbgrader courses behind closed doors: a package of its own, for any course."""
