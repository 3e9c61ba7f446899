"""Lots side by side."""
