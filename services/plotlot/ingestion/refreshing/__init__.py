"""Towns' codes brought up to date: listed, fetched, parsed, embedded, verified and swapped in, whatever happens meanwhile."""
