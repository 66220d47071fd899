"""Settings of the API, from the environment (`DISCLOSURE_API_...`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from disclosure_ledger.access.roles import Role

Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,6}/(second|minute|hour)$")]
"""So many requests in so long, such as 100/second."""


class ApiSettings(BaseSettings):
    """Where the API listens, who may sign in, how much it takes."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_API_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: Annotated[int, Field(ge=0, le=65_535)] | None = Field(
        default=None, description="port to listen on; without it the recorder serves no API"
    )
    console: bool = Field(default=True, description="serve the console beside the API")
    public_url: str | None = Field(
        default=None, description="address under which browsers reach it, where that is not host and port"
    )
    tls_cert: Path | None = Field(default=None, description="PEM file of the certificate and its chain")
    tls_key: Path | None = Field(default=None, description="PEM file of the certificate's key")
    oidc_issuer: str | None = Field(
        default=None, description="issuer whose tokens are taken; an https address"
    )
    oidc_audience: str = Field(
        default="disclosure-ledger", description="audience that a bearer token must be issued for"
    )
    oidc_client_id: str | None = Field(
        default=None, description="client id for signing in with a browser; without it only one-time logins"
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="the client's secret; none for a public client"
    )
    oidc_scope: str = Field(default="openid", description="scopes asked for when somebody signs in")
    oidc_roles_claim: str = Field(
        default="roles", description="claim that has the roles, such as realm_access.roles"
    )
    oidc_role_names: Mapping[str, Role] = Field(
        default={}, description="JSON object from the provider's words to roles of this product"
    )
    rate_limit: Rate = Field(default="1000/second", description="most requests of one key or person")
    rate_limit_anonymous: Rate = Field(
        default="50/second", description="most requests of one address without valid credentials"
    )
    body_max_bytes: Annotated[int, Field(ge=1_024)] = Field(
        default=1_048_576, description="largest body of a request"
    )
    batch_max_bytes: Annotated[int, Field(ge=1_024)] = Field(
        default=16_777_216, description="largest body of an NDJSON batch"
    )
    staleness_max_ms: Annotated[int, Field(ge=1)] = Field(
        default=1_000,
        description="/v1/check fails closed once its preference state was not confirmed this long",
    )
    lag_max_s: Annotated[float, Field(gt=0)] = Field(
        default=60.0, description="/readyz fails once the recorder is this far behind"
    )
    accept_wait_s: Annotated[float, Field(gt=0)] = Field(
        default=10.0, description="longest wait for the broker or the outbox before 503"
    )

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together; set both, or none")
        return self

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it over https, so that cookies can insist on that."""
        return self.tls_cert is not None or (self.public_url or "").startswith("https://")

    @property
    def base_url(self) -> str:
        """Address under which browsers reach it, without a slash at its end."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        return f"{'https' if self.is_https else 'http'}://{self.host}:{self.port}"
