"""Live calls: conferences, redirects, goodbyes, ends, and what follows from them."""
