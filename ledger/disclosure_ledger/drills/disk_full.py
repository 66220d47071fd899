"""Drill disk-full: the recorder finds no room for the ledger.

The room is taken by the limit on the size of files (RLIMIT_FSIZE) of the running recorder: the system then
fails its writes as it does on a full disk, and it needs no rights and no disk of its own.
"""

import resource
from pathlib import Path

from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.errors import DrillError
from disclosure_ledger.drills.stage import Stage

_RECORDER = "recorder"
_LOG_ROOM_BYTES = 65_536
"""The recorder must still be able to say what is wrong: the limit holds for its log too."""


def _breaks(stage: Stage) -> None:
    log = stage.pipeline.child(_RECORDER).log
    _limit(stage, _size(log) + _LOG_ROOM_BYTES)
    stage.tell(
        "The recorder's writes fail from now on as on a full disk. It undoes the batch, names the error, "
        "keeps answering questions and tries again; decisions wait in Kafka."
    )


def _repairs(stage: Stage) -> None:
    _limit(stage, resource.RLIM_INFINITY)
    stage.tell("There is room again. The recorder goes on by itself, at the positions in the ledger.")


def _limit(stage: Stage, size_bytes: int) -> None:
    if not hasattr(resource, "prlimit"):
        raise DrillError(
            "the drill disk-full limits the files of a running process, which only Linux can. Run it there."
        )
    pid = stage.pipeline.pid(_RECORDER)
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes if most < 0 else min(size_bytes, most), most))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


DISK_FULL = Drill(
    name="disk-full",
    about="There is no room left for the ledger.",
    alert="DisclosureLedgerCannotWrite",
    breaks=_breaks,
    repairs=_repairs,
)
