"""Hypothesis strategies for networks, weights, masks and inputs."""
