"""Traces: a span for each step of a request, begun where it came in, and sent by OTLP where that is set up."""
