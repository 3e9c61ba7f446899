"""How much a caller may ask: token buckets in this process, or in a Redis that replicas share."""
