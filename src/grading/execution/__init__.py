"""Runs one submission behind closed doors: student cells in a worker, grading cells in an examiner."""
