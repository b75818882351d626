"""Pages for students and their teachers: each is one file, without scripts, that asks for nothing from elsewhere."""
