"""How inference serves: load, figures, and an engine without a model to measure it by."""
