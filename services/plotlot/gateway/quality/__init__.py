"""Whether answers were good: what became of questions, and whether citations stand that were shown."""
