"""Parcels that nobody imported, looked up where counties publish them: address, coordinates, boundary, district."""
