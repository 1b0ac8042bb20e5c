"""The bounds that derivations are made of; the theorems that check them are in the files of the same names above."""
