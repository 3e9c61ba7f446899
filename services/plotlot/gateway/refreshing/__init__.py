"""How codes are kept fresh, as people and programs look at it and begin it."""
