"""Pages for technicians and managers."""
