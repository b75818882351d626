"""Templates, and the only ways from what a student wrote into a page."""
