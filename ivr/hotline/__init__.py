"""What a caller goes through, from the greeting to the room."""
