"""From labelled wrong answers to the file that grading reads hints from."""
