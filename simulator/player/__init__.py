"""Plays TwiML on a call, in call seconds, with Twilio's semantics."""

from simulator.player.core import End, Inline, Player, Request, Source, Step
from simulator.player.verbs import HANDLERS as HANDLERS

__all__ = ["End", "Inline", "Player", "Request", "Source", "Step"]
