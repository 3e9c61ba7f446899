"""How the judge of releases does on streams whose truth is known, beside its bound and beside other rules."""
