"""Grades a whole class: finds the work, spreads it over workers, records what they find."""
