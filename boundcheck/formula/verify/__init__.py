"""Re-checks of certificates, from plain data and without the code that made them.

SymPy's exact algebra and mpmath's interval arithmetic alone decide here.
"""

from boundcheck.formula.verify.exact import verify_exact
from boundcheck.formula.verify.points import side_complaints
from boundcheck.formula.verify.proofs import verify_certificate
from boundcheck.formula.verify.reading import NotRechecked
from boundcheck.formula.verify.text import point_complaints, stated, text_complaints

__all__ = [
    "NotRechecked",
    "point_complaints",
    "side_complaints",
    "stated",
    "text_complaints",
    "verify_certificate",
    "verify_exact",
]
