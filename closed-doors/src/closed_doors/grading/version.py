"""The one number that says whether work must be graded again because the grader has changed.

Raise it in the commit after which some submission could earn another mark, or get another hint: a change of the
examiner, of the bridge, of what a sandbox allows, of limits, of `checks`. Then `course autograde` grades again what was
graded under an earlier number. A change that no mark can show, such as a message or a comment, leaves it as it is.
`closed-doors/tests/grading/test_version.py` holds the marks of some answers and reminds of it.
"""

GRADING_VERSION = 7
