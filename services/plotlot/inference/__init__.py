"""One contract over the engines that embed texts and answer from passages."""

EXTRACTIVE = "extractive/6"
"""The engine that answers in quotes, without a model, by its rules."""
