"""The vendor's promises in time: taking in charge, clocks, the escalation matrix. Pure."""
