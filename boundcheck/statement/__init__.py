"""WHAT is claimed: domains, randomness, claims, theorems, networks and pruning rules."""
