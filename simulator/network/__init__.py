"""The telephone network: calls, phones, rooms, queues, texts, and the exchange that holds them."""
