"""Running commands that the table of commands may not name yet."""

import pytest

from disclosure_ledger.cli import app


def with_commands(monkeypatch: pytest.MonkeyPatch, *places: str) -> None:
    """Let the command line have these commands (`module:name`), where it does not have them already."""
    known = {place for _, place, _ in app.COMMANDS}
    added = tuple(
        (place.partition(":")[2].replace("_", "-"), place, app._ABOUT)
        for place in places
        if place not in known
    )
    monkeypatch.setattr(app, "COMMANDS", (*app.COMMANDS, *added))
