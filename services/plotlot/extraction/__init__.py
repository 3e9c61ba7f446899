"""Extraction: sections in, typed standards out, each with a verified citation."""
