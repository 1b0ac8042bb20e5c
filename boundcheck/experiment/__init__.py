"""WHAT happened: plans turned into arrays, and compiled measurements of them."""
