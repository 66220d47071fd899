"""Named SQL: every `-- name: x` block of the packaged .sql files, by name."""

import re
from functools import cache
from importlib import resources

from disclosure_ledger.store.errors import LedgerError

_NAME = re.compile(r"^--\s*name:\s*(?P<name>[a-z][a-z0-9_]*)\s*$", re.MULTILINE)


@cache
def all_queries() -> dict[str, str]:
    """Read every query of `sql/*.sql`; raises LedgerError for a name used twice."""
    found: dict[str, str] = {}
    files = resources.files("disclosure_ledger").joinpath("sql").iterdir()
    for file in sorted((file for file in files if file.name.endswith(".sql")), key=lambda file: file.name):
        for name, text in split_queries(file.read_text(encoding="utf-8")):
            if name in found:
                raise LedgerError(f"the query {name} of sql/{file.name} has a name that is taken. Rename it.")
            found[name] = text
    return found


def split_queries(text: str) -> list[tuple[str, str]]:
    """Split the text of a file into (name, SQL), in order; what stands before the first name is a comment."""
    marks = list(_NAME.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [
        (mark["name"], text[mark.end() : end].strip().removesuffix(";").rstrip())
        for mark, end in zip(marks, ends, strict=True)
    ]


def query(name: str) -> str:
    """Return the SQL of a name; raises LedgerError for an unknown one."""
    try:
        return all_queries()[name]
    except KeyError:
        raise LedgerError(
            f"there is no query named {name!r}; known: {', '.join(sorted(all_queries()))}."
        ) from None
