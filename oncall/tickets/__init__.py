"""Tickets: opened by a call, worked on, told as a timeline, closed."""
