"""The softphone page: its files, what it shows, and what its buttons do."""
