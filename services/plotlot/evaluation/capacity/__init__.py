"""How much PlotLot can answer: queues in closed form and simulated, what a rate of requests takes, and drift."""
