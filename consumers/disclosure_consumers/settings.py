"""Settings of the gate, from the environment (`DISCLOSURE_GATE_...`)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class GateSettings(BaseSettings):
    """How one gate process runs."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_GATE_", frozen=True, extra="ignore")

    group: str = Field(
        default="gate", description="consumer group; its members share the partitions of the requests"
    )
    instance: str | None = Field(
        default=None,
        description="name of this process, the same after a restart: a restart then takes over at once "
        "and fences what is left of the old process. Without it a name is made up",
    )
    registry: Path | None = Field(
        default=None, description="folder of the registry; the example registry without it"
    )
    state: Path | None = Field(
        default=None,
        description="folder in which this gate, and no other, keeps its preference state over a restart; "
        "without it the control topics are read whole at every start",
    )
    batch_events: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=10_000, description="most requests of one transaction"
    )
    permit_ttl_s: Annotated[float, Field(gt=0)] = Field(
        default=300.0, description="how long a decision is an answer (G6)"
    )
    barrier_timeout_ms: Annotated[int, Field(ge=1)] = Field(
        default=5_000, description="how long to wait for the preference state before failing closed (G1, G4)"
    )
    session_timeout_ms: Annotated[int, Field(ge=1_000)] = Field(
        default=10_000, description="after this a killed gate's partitions go to the others"
    )
    transaction_timeout_ms: Annotated[int, Field(ge=1_000)] = Field(
        default=15_000, description="after this the broker aborts what a killed gate had begun"
    )
    stuck_after_s: Annotated[float, Field(gt=10)] = Field(
        default=120.0,
        description="a gate whose loop stands still for longer ends itself, to be started anew",
    )
