"""The commands that have subcommands: options and help; the work is imported when one runs."""
