"""What stands between a master and its students: the release gate, the bundle, and the examination of masters."""
