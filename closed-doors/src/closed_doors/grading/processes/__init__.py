"""Who starts, keeps and ends the processes of grading."""
