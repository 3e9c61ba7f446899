"""Trains the learned reader on coded towns, and measures it on towns that it has not seen."""
