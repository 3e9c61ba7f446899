"""Rules that others decide by, in our own words, each with the place where it is defined."""
