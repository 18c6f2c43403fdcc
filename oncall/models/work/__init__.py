"""What was done and said about tickets."""
