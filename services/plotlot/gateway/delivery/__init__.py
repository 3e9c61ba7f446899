"""A gateway's part in releases: what a candidate is asked beside its users, and what the judge is told."""
