"""Writes a new assignment from a template."""
