"""Runs the course: masters, releases, grading, reports. The command line is `course` (grading.cli)."""
