"""Evaluation: how right the answers are, measured on data that people checked."""
