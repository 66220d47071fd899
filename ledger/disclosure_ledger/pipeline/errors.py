"""Errors of starting and watching the processes of a pipeline."""

from pathlib import Path

from disclosure_schemas.errors import DisclosureError


class PipelineError(DisclosureError):
    """A process of the pipeline did not start, ended by itself or does not answer."""


class ChildFailedError(PipelineError):
    """A process of the pipeline failed; the text ends with what it wrote last."""

    def __init__(self, name: str, happened: str, log: Path, log_tail: str) -> None:
        super().__init__(
            f"the {name} {happened}. Expected: that it runs until it is stopped. "
            f"The whole log is in {log}. Its end:\n{log_tail or '(the log is empty)'}"
        )


class TooManyGatesError(DisclosureError):
    """More gates were asked for than the broker can serve in one group."""


class FolderInUseError(DisclosureError):
    """Another process runs a pipeline in the folder."""


class StateFileError(DisclosureError):
    """A pipeline.env file cannot be read."""
