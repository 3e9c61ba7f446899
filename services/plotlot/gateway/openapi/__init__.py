"""The OpenAPI document, its examples, and the page made from it."""
