"""Rosters as pages and reports show them: board, warnings, covers, figures."""
