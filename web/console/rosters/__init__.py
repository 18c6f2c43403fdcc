"""The roster pages, and the JSON that they ask for."""

from flask import Flask

from web.console.rosters import changes, covering, drafts, drills, imports, pages, reads


def register(app: Flask) -> None:
    """Add the addresses under `/rosters`."""
    for part in (pages, reads, changes, covering, drafts, drills, imports):
        app.register_blueprint(part.blueprint)
