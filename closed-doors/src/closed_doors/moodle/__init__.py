"""Moodle's assignment module: its archive of submissions in, its grading worksheet and feedback archive out."""
