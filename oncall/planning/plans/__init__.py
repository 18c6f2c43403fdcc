"""Rosters as plain plans: read, changed by pure edits, written back where they differ."""
