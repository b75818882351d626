"""Which known misconception a failed answer shows."""
