"""`disclosures down`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.output import JsonFlag, print_json, say
from disclosure_ledger.pipeline import run_lock, state_file

_WAIT_S = 60.0


def down(
    *,
    folder: Annotated[
        Path, Parameter(name="--dir", help="Folder of the pipeline.")
    ] = state_file.DEFAULT_FOLDER,
    as_json: JsonFlag = False,
) -> None:
    """Stop what `disclosures up` runs in a folder; its data stays.

    Gates stop first, then the recorder, then the broker. Nothing running is fine.
    """
    pid = run_lock.stop(folder, _WAIT_S)
    if as_json:
        print_json({"stopped_pid": pid})
    else:
        say(f"nothing runs in {folder}" if pid is None else f"stopped process {pid}; data stays in {folder}")
