"""How the web process takes requests from the network: no thread waits for a slow client."""
