"""What people type and read: letters as networks carry them, and phone numbers."""
