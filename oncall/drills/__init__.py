"""Drills: whoever comes on call next gets a real test call and a real test text, and failures are told in time."""
