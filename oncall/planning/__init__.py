"""What managers and technicians do to rosters: overrides, time off, swaps, and taking changes back."""
