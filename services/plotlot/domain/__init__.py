"""What PlotLot knows: values in, values out; time, randomness and ids are arguments."""
