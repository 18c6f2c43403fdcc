"""The watchdog: every process looks whether people are being rung, and tells those in charge when they are not."""
