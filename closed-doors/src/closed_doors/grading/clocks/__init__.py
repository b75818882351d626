"""Time: how long a cell and a submission may take, and what counts of the time that passes."""
