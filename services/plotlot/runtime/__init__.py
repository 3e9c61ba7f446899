"""The composition root: makes services of what they need, and processes of services."""
