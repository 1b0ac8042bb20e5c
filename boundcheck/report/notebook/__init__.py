"""Theorems, bounds and verdicts as notebooks show them: HTML with MathML, and LaTeX for MathJax and for papers."""
