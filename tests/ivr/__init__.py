"""The phone side, piece by piece."""
