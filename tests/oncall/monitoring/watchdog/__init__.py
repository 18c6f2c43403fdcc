"""The watchdog: what it sees, when it tells, whom."""
