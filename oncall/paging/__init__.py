"""Paging: whom to ring for a ticket, in what order, until somebody accepts."""
