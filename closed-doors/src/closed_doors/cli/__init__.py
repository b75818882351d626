"""The verbs of the `course` command, a module a room; imports that take time stand inside the functions."""
