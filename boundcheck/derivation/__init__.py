"""Building a bound out of others: layer recursion, δ-ledger, choice of the smallest candidate."""
