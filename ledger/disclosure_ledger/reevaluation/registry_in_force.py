"""The registry that reports are decided again by: that of the gate's settings, kept up to date."""

import time
from pathlib import Path

import structlog

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_folder.problems import RegistryError
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_consumers.settings import GateSettings

_log = structlog.get_logger(__name__)

RETRY_AFTER_S = 60.0
"""A folder that did not load at first is tried again after this; recording goes on meanwhile."""


class RegistryInForce:
    """Call it for the registry in force: None while the folder has never loaded. Not for several threads.

    `folder`: by default that of the gate's settings, else the example registry.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or GateSettings().registry or example_registry()
        self._watch: RegistryWatch | None = None
        self._try_again_s = float("-inf")

    def __call__(self) -> Registry | None:
        """The registry as of now."""
        now_s = time.monotonic()
        if self._watch is None and now_s >= self._try_again_s:
            self._try_again_s = now_s + RETRY_AFTER_S
            try:
                self._watch = RegistryWatch(self._folder)
            except RegistryError as error:
                _log.error(
                    "registry does not load; no report is decided again until it does",
                    folder=str(self._folder),
                    error=str(error),
                )
        if self._watch is None:
            return None
        self._watch.poll(now_s)
        return self._watch.registry
