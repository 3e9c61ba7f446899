"""What people say of values that were shown to them."""
