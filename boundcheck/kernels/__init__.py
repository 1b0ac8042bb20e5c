"""The only Numba code: arrays in, arrays out."""
