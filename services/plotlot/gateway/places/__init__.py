"""Towns and districts, with what of their codes is here."""
