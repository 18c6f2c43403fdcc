"""The document that answers callers while the whole gateway is away."""
