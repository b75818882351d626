"""How the examiner asks a student's process for values: plain data, forwards and back, and nothing else."""
