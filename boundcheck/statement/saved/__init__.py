"""Expressions and networks as plain data, and back; nothing that is read is run."""
