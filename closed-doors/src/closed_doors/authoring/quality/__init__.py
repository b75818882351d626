"""How good an assignment's grading cells are: labelled answers and mutants, graded for real."""
