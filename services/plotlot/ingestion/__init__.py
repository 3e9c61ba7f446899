"""Turns municipal codes into indexed documents."""
