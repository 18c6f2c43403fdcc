"""The month behind the demo: a written story, played with the product's own functions at pretended instants."""
