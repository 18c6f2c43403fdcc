"""Twilio: its REST API, signatures, addresses, TwiML and error codes."""
