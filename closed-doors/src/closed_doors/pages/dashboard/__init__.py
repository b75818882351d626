"""The staff's pages about a class."""
