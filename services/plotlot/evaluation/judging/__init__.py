"""A model as a judge of two answers, an option: asked in both orders, and itself measured beside people."""
