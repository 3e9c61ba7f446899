"""What PlotLot asks of servers that are not its own: one client, held to rules. Engines and its own services are not among them."""
