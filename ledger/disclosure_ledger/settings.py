"""Settings of the ledger, from the environment (`DISCLOSURE_LEDGER_...`)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LedgerSettings(BaseSettings):
    """Where the ledger is, how the recorder batches, when it seals."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_LEDGER_", frozen=True, extra="ignore")

    dir: Path = Field(
        default=Path("ledger-data"), description="folder of hot.duckdb, segments/ and door.sock"
    )
    batch_rows: Annotated[int, Field(ge=1)] = Field(
        default=122_880,
        description="most records of one transaction; one row group of DuckDB goes past its log",
    )
    batch_wait_ms: Annotated[int, Field(ge=1)] = Field(
        default=250, description="longest time records wait for their transaction, so that answers are fresh"
    )
    seal_rows: Annotated[int, Field(ge=1)] = Field(
        default=250_000,
        description="decisions in hot.duckdb, which is read whole, above which they are sealed",
    )
    merge_segments: Annotated[int, Field(ge=2)] = Field(
        default=8, description="segments of one level in the newest month above which they become one"
    )
    merge_rows_max: Annotated[int, Field(ge=1)] = Field(
        default=200_000_000, description="no merge makes a segment of more decisions than this"
    )
    retention_months: Annotated[int, Field(ge=1)] = Field(
        default=72, description="how long decisions are kept; whole months that are older are deleted"
    )
    audit_every_s: Annotated[float, Field(gt=0)] = Field(
        default=60.0,
        description="seconds between two audits of the recorder itself; it makes them with metrics",
    )
    threads: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="threads of DuckDB; default: all cores"
    )
    memory_limit: str | None = Field(
        default=None, description="most memory of DuckDB, such as 4GB; default: 80 % of it"
    )
