"""Two sequences of entries, each in the order of keys, as one."""

from collections.abc import Iterable

from disclosure_consumers.state.subject_file import Entries


def merged(base: Entries, changes: Iterable[tuple[bytes, bytes]]) -> Entries:
    """All entries, in the order of keys; of two with the same key the change."""
    waiting = iter(changes)
    change = next(waiting, None)
    for entry in base:
        while change is not None and change[0] < entry[0]:
            yield change
            change = next(waiting, None)
        if change is not None and change[0] == entry[0]:
            yield change
            change = next(waiting, None)
        else:
            yield entry
    if change is not None:
        yield change
        yield from waiting
