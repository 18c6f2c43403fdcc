"""The chaos of `make chaos` in short, and its arithmetic."""
