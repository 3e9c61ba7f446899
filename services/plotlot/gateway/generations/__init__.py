"""Generations of the index, looked at before they may serve."""
