"""Accounts of people who use the pages: roles, passwords, sessions, and limits on guessing."""
