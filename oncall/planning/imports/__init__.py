"""Shifts from calendars: compared with a layer, previewed, written."""
