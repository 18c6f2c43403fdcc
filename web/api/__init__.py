"""The API for programs, one folder a version."""
