"""Functions of bounds in plain Python: modules that need the standard library alone; exports contain their text."""
