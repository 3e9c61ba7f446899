"""Finds what ingestion wrote: sections by search, parcels by address, municipalities by name."""
