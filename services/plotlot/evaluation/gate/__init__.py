"""Whether a change may be merged: two runs compared, and the verdict as a table."""
