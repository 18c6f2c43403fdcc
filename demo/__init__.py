"""The demo of `make run`: its data, its accounts, and its pretended time."""
