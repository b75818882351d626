"""The process that runs a student's cells, and nothing that is trusted."""
