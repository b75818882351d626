"""Notebooks as data: what a submission may change, and what it may not."""
