"""A search for a prompt that reads codes better, offline: its product is a candidate, and never a silent change."""
