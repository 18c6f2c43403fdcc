"""Reads iCal files: events, repetitions and zones, as other tools write them."""
