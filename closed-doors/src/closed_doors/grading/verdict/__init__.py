"""What grading found, as data, as a file and as the notebook that TAs open."""
