"""Examines masters: what is wrong with an assignment, and what to do about it."""
