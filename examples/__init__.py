"""Things to run and to read: the demo and its photos."""
