"""Requests that may be sent again: the same key gets the same answer, and is carried out once."""
