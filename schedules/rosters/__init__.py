"""Who is on call: rotations, layers, overrides, swaps and time off. Pure."""
