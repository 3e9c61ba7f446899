"""Questions in words, answered in quotes: what is asked, what answers it, and why something is refused."""
