"""What is asked before a change of a roster is saved, and why."""
