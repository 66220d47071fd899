"""Forms of the key `notify` of a recipient: how it is told of opt-outs, limits and deletions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

EnvironmentName = Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]{0,99}$")]


class ChannelForm(BaseModel):
    """Base of the channels' forms: closed and strict, as all forms of the registry."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WebhookForm(ChannelForm):
    """Told by HTTP: a signed POST for each notification."""

    channel: Literal["webhook"] = Field(description="The channel.")
    url: Annotated[
        str, Field(pattern=r"^(https://[^\s/@]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)(/\S*)?$")
    ] = Field(description="Where to send; https, or http on this machine for trying.")
    secret_env: EnvironmentName = Field(
        description="Name of the environment variable with the signing secret; never the secret itself."
    )
    key_id: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        default="1", description="Name of the signing key, kept with the evidence."
    )


class TopicForm(ChannelForm):
    """Told by an event on the topic privacy.notifications."""

    channel: Literal["kafka"] = Field(description="The channel.")


class CsvForm(ChannelForm):
    """Told by a CSV file that somebody uploads."""

    channel: Literal["csv"] = Field(description="The channel.")


class EmailForm(ChannelForm):
    """Told by an e-mail that lies ready in the outbox folder, for the company's own mail system."""

    channel: Literal["email"] = Field(description="The channel.")
    address: Annotated[str, Field(pattern=r"^[^@\s<>,;:\"]+@[^@\s<>,;:\"]+$")] = Field(
        description="Address of the recipient's privacy desk."
    )


NotifyForm = Annotated[WebhookForm | TopicForm | CsvForm | EmailForm, Field(discriminator="channel")]
"""How a recipient is told of opt-outs, limits and deletions."""
