"""Settings of the worklist, from the environment (`DISCLOSURE_WORKLIST_...`)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from disclosure_ledger.worklist.schedule import Schedule, patient


class WorklistSettings(BaseSettings):
    """Whether the recorder sends, how patiently, and where files go."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_WORKLIST_", frozen=True, extra="ignore")

    send: bool = Field(
        default=False,
        description="the recorder sends what is due; else `disclosures worklist send` does",
    )
    interval_s: Annotated[float, Field(gt=0)] = Field(
        default=30.0, description="how often the recorder brings the worklist up to date, and sends"
    )
    outbox_dir: Path = Field(
        default=Path("worklist-outbox"), description="folder of the channels csv and email"
    )
    timeout_s: Annotated[float, Field(gt=0)] = Field(
        default=10.0, description="longest wait for each part of a webhook's answer"
    )
    backoff_initial_s: Annotated[float, Field(gt=0)] = Field(
        default=60.0, description="wait after the first failed attempt; it doubles, with as much jitter"
    )
    backoff_max_s: Annotated[float, Field(gt=0)] = Field(
        default=21_600.0, description="longest wait between two attempts"
    )
    attempts_max: Annotated[int, Field(ge=1)] = Field(
        default=30, description="attempts after which an item has failed, which is to be looked into"
    )

    def schedule(self) -> Schedule:
        """How patient the sender is."""
        return patient(self.backoff_initial_s, self.backoff_max_s, self.attempts_max)
