"""Tables of what managers and technicians do to rosters: changes, time off, swaps, feeds, drafts."""
