"""Texts that come in, and their answers."""
