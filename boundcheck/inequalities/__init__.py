"""The library of concentration inequalities, one family a file."""
