"""A semester as a whole: where every assignment stands, totals, people who come and go, archives."""
