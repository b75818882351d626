"""One submission, graded behind closed doors. Knows neither nbgrader's API nor a course."""
