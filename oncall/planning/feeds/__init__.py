"""Calendar feeds: their secret addresses, entries, and documents."""
