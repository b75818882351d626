"""Searches what students will get for anything that the master hides."""
