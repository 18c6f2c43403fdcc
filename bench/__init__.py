"""Measures how fast the gateway is: `python -m bench`, with the load on the same machine."""
