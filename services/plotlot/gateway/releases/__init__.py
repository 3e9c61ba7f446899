"""Releases as people see them: what the judge knows, in words, on pages and in charts."""
