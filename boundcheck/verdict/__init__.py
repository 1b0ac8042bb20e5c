"""DID it hold: confidence limits and decisions, about numbers only."""
