"""Sections of codes that changed since they were cited, and who wants to be told of it."""
