"""A report as a document: one HTML page, Markdown or LaTeX, from plain data."""
