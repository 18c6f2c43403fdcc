"""Sending: the telephony port, mail, other channels, rate limits, contact faults, the provider's health."""
