"""Which hypotheses of a theorem matter: each is dropped in turn, and a violation of the claim is looked for."""
