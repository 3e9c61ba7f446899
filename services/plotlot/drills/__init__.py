"""Drills: something real is broken in a running cluster, and the alert's own runbook has to mend it."""
