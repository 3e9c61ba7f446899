"""Reports of analyses as people use them: read, asked again, marked, shared, compared with today, printed."""
