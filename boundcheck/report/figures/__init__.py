"""Figures, drawn from plain data: for a page, where its style sheet says the colours, and as files."""

from boundcheck.report.figures.files import save
from boundcheck.report.figures.inline import svg

__all__ = ["save", "svg"]
