"""Links that show one report to whoever has them."""
