"""Who is on call: rosters read as plain data, and what they answer."""
