"""Copies of the database that prove themselves: pg_dump carries the rows, a manifest says what they have to be.

The manifest's counts and checksums are taken in the very snapshot that is dumped. Restored rows are held to them.
"""
