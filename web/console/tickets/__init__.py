"""The pages of tickets: the list, one ticket, and what people do there."""
