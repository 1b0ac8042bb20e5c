"""Verdicts as a terminal table or a JSON record."""
