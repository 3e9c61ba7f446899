"""REST by resource. Each module has ``router(...)``, which is handed what its handlers call."""
