"""The pages, each a module: what browsers are shown, with a script and without."""
