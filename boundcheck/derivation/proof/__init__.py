"""Derivations as objects: each step says what it concludes, and can be checked against those that it rests on."""
