"""Attacks by words: in codes, in questions, and in what surrounds them; nothing that PlotLot says may change."""
