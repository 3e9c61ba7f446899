"""Runs as pages for people: the worst failures first, and tables for the benchmarks."""
