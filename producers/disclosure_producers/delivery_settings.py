"""How events are delivered: bounds, the outbox and batching, from the environment or from code."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Positive = Annotated[int, Field(ge=1)]


class DeliverySettings(BaseSettings):
    """Bounds of one producer (`DISCLOSURE_PRODUCER_...`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_PRODUCER_", frozen=True, extra="ignore")

    outbox_dir: Path = Field(
        default=Path("disclosure-outbox"),
        description="folder of the outbox; on a disk that outlives the process, one folder for one broker",
    )
    outbox_after_ms: Positive = Field(
        default=500, description="an event that waited this long for its acknowledgement goes to the outbox"
    )
    first_ack_ms: Annotated[int, Field(ge=0)] = Field(
        default=5_000,
        description="a new producer waits this long for its first acknowledgement before the broker counts "
        "as away: connecting takes longer than an acknowledgement",
    )
    outbox_max_bytes: Positive = Field(
        default=1_073_741_824, description="most bytes of events kept in this process's outbox"
    )
    max_block_ms: Annotated[int, Field(ge=0)] = Field(
        default=100, description="longest time a call may wait for room before it raises BackpressureError"
    )
    queue_max_events: Positive = Field(
        default=100_000, description="most events in memory that wait for their acknowledgement"
    )
    linger_ms: Annotated[int, Field(ge=0)] = Field(
        default=10, description="how long the client collects events for one request to the broker"
    )
    compression: Literal["none", "lz4", "zstd", "gzip", "snappy"] = Field(
        default="lz4", description="compression of batches on the wire and in the topic"
    )
    close_timeout_s: Annotated[float, Field(ge=0)] = Field(
        default=10.0,
        description="longest time close() waits for deliveries before it writes the rest to the outbox",
    )
