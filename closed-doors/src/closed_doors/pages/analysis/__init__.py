"""A class as numbers: results, item statistics, likeness of answers."""
