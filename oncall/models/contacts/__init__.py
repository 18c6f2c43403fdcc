"""Tables about reaching people: other channels, contact points that failed, and what a provider says of a failure."""
