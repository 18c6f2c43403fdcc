"""Customers who call: their right to the service, PINs, the guard on guessing, numbers to call back."""
