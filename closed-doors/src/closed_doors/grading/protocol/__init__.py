"""What processes say to each other: connections, plain data, named messages."""
