"""Which version of the product runs."""

from functools import cache
from importlib import metadata

UNKNOWN_VERSION = "unknown"


@cache
def product_version() -> str:
    """Version of the installed distribution; `unknown` in a source tree that nobody installed."""
    try:
        return metadata.version("disclosure-ledger")
    except metadata.PackageNotFoundError:
        return UNKNOWN_VERSION
