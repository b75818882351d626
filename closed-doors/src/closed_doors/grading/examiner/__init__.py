"""The process that runs the instructor's cells and judges."""
