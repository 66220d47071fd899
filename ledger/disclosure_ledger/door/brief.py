"""Asks a ledger question by question and holds it no longer, so that a recorder can start meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure_ledger.audit.facts import DeepFacts, DeepQuestion, Facts, FactsQuestion, Positions
from disclosure_ledger.door.opening import PATIENCE_S, open_reader
from disclosure_ledger.door.reader import LedgerReader


class BriefReader:
    """The ledger's half of an audit that waits: for what takes minutes beside a recorder that comes and goes.

    Each question goes through the door where a recorder serves, and opens the ledger's file for itself where
    none does: whoever keeps that file open while waiting keeps out the recorder that is waited for.
    Every call raises what `open_reader` does; `patience_s` is given to it.
    """

    def __init__(self, folder: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._folder = folder
        self._patience_s = patience_s

    def audit_positions(self) -> Positions:
        """How far the recorder is."""
        with self._opened() as reader:
            return reader.audit_positions()

    def audit_facts(self, question: FactsQuestion) -> Facts:
        """What the rows tell of the requests."""
        with self._opened() as reader:
            return reader.audit_facts(question)

    def audit_deep_facts(self, question: DeepQuestion) -> DeepFacts:
        """What takes a pass over every row."""
        with self._opened() as reader:
            return reader.audit_deep_facts(question)

    @contextmanager
    def _opened(self) -> Iterator[LedgerReader]:
        with open_reader(self._folder, patience_s=self._patience_s) as reader:
            yield reader
