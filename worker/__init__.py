"""The worker process: runs jobs, sends calls and texts, and finds what was forgotten."""
