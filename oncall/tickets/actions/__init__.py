"""What people do with a ticket: each action, and the rules of who may do it when."""
