"""A bound as something to evaluate or print."""
