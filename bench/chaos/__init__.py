"""Breaks what paging stands on, and counts what was lost, stuck or doubled: `python -m bench.chaos`."""
