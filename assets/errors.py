"""What is wrong with a source, in a sentence."""


class AssetError(Exception):
    """A style sheet or a script that can't be put together."""
