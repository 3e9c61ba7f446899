"""How bundles answered, and whether a release goes on: promote, rollback or continue."""
