"""Screens: secret addresses that managers make and revoke, and what is seen there without signing in."""
