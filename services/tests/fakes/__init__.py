"""Servers that answer as those of others do, with the faults that theirs have."""
