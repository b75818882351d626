"""Closes the doors around student code: its own view of the files, no network, no other process, bounded resources."""
