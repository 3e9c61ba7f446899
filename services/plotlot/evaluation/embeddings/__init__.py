"""Embedding models side by side, behind the one interface that inference has for them."""
