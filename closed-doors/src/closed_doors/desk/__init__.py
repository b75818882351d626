"""The marking desk: written answers, one question at a time, marked in the browser by the items of its scheme."""
