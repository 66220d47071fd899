"""`disclosures replay`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from disclosure_ledger.cli.failures import CHECK_FAILED
from disclosure_ledger.cli.output import JsonFlag, print_json, say, warn


def replay(
    *,
    registry: Annotated[
        Path | None, Parameter(help="Folder of the registry; by default the one the gate here uses.")
    ] = None,
    since: Annotated[
        str | None, Parameter(help="Only decisions made from this moment on, with time zone.")
    ] = None,
    until: Annotated[str | None, Parameter(help="Only decisions made before this moment.")] = None,
    limit: Annotated[
        int | None, Parameter(help="At most so many decisions.", validator=validators.Number(gte=1))
    ] = None,
    permit_ttl: Annotated[
        float | None,
        Parameter(
            help="Seconds that a decision is an answer, as the gate was set; else taken from each decision.",
            validator=validators.Number(gt=0),
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """Make every decision of the log again and compare it with the one that was made, byte for byte.

    A decision stores what it was made with: the rules, the registry, and how far the preferences had been
    read. Replay goes back to exactly that state, decides again with the registry given and compares the whole
    record. What comes out otherwise is listed field by field.

    Exit code 0 when all are identical; 1 when one differs or cannot be made again. Decisions of another
    registry or of another version of the rules are counted apart: replay those with that registry or release.

    Example: `disclosures replay --since 2026-11-01T00:00:00Z`. The last line reads like
    `12,345 decisions replayed, 12,345 identical, 0 different`.
    """
    from disclosure_consumers.replay.run import ReplayResult, listed_lines, replayed  # noqa: PLC0415
    from disclosure_consumers.replay.stored_decisions import SecondDecider  # noqa: PLC0415
    from disclosure_ledger.cli.log_again import broker_log, first_kept, gate_registry, window_of  # noqa: PLC0415

    window = window_of(since, until, limit)
    chosen = gate_registry(registry)
    decider = SecondDecider(chosen, permit_ttl_us=None if permit_ttl is None else round(permit_ttl * 1e6))
    result = ReplayResult(chosen.content_hash.hex())
    with broker_log(chosen) as (session, opened):
        for compared in replayed(session.decisions(opened, window), opened, decider):
            if result.take(compared) and not as_json:
                for line in listed_lines(compared):
                    say(line)
    if as_json:
        print_json({**result.as_json(), "notes": first_kept(opened)})
    else:
        for note in first_kept(opened):
            warn(f"note: {note}")
        for line in result.lines():
            say(line)
    return 0 if result.is_reproduced else CHECK_FAILED
