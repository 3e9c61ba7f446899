"""The only door: REST, the page, gRPC; composes the answers of the other services."""
