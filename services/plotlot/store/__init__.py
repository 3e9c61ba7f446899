"""Postgres: where it runs, its schema, and the rows that more than one service reads."""
