"""What is wrong with scenario files, and where."""

from collections.abc import Iterable

from disclosure_consumers.registry_folder.problems import Problem
from disclosure_schemas.errors import DisclosureError

SHOWN_MAX = 20
"""Problems shown at once; who has more begins with these."""


class ScenarioFileError(DisclosureError):
    """A scenario file is missing, is not YAML, or says something that cannot be."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN_MAX]]
        more = len(self.problems) - len(lines)
        if more:
            lines.append(f"and {more} more.")
        super().__init__(
            "\n  ".join(["nothing was run, for these files cannot be read as scenarios:", *lines])
        )
