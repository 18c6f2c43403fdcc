"""What a technician goes through: the page, the room, the menu."""
