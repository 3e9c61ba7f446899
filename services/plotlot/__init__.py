"""PlotLot: what may be built on this lot, and which paragraph of the code says so."""
