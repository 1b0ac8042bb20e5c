"""Where a campaign keeps its points, batches and verdicts: one SQLite file."""
