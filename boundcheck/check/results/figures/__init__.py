"""What is plotted of results, as plain data: numbers, labels, captions, descriptions, tables. Nothing is drawn here."""

from boundcheck.check.results.figures.every import figures

__all__ = ["figures"]
