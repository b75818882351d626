"""A long-running grader: work is graded as it arrives, and its page handed out by the course's policy."""
