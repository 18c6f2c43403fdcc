"""What every part stands on: clock, settings, database, phone numbers, logs, wake-ups."""
