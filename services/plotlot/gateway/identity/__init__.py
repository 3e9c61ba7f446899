"""Who asks, and what they may do: credentials, rights by route, keys, and the audit log."""
