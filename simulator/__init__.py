"""A look-alike of Twilio for development and tests: REST API, TwiML player, signed webhooks, phones to play with.

It shares no code with the gateway that it tests, so that a mistake cannot cancel itself out.
"""
