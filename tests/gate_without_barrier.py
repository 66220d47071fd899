"""A gate with the read barrier taken out: shows that the test of G1 can fail."""

import sys

from disclosure_consumers import __main__ as process
from disclosure_consumers.control_tables import ControlTables, StateSeen
from disclosure_schemas.events.vocabulary import PreferenceState


def _no_barrier(self: ControlTables, timeout_s: float) -> StateSeen:
    return self._seen(PreferenceState.CURRENT)


if __name__ == "__main__":
    ControlTables.barrier = _no_barrier  # type: ignore[method-assign]
    sys.exit(process.main())
