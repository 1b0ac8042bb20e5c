"""Re-checks of certificates, from plain data and without the code that made them.

SymPy's exact algebra and mpmath's interval arithmetic alone decide here.
"""

from boundcheck.formula.verify.analytic import verify_certificate
from boundcheck.formula.verify.exact import verify_exact
from boundcheck.formula.verify.reading import NotRechecked
from boundcheck.formula.verify.refutations import side_complaints
from boundcheck.formula.verify.wording import statement_of

__all__ = ["NotRechecked", "side_complaints", "statement_of", "verify_certificate", "verify_exact"]
