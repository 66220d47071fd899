"""Webhooks, signed as the Standard Webhooks specification says (webhook-id, -timestamp, -signature).

The signature is HMAC-SHA256 over `{id}.{timestamp}.{body}` with the secret's bytes, in Base64 after `v1,`. A
receiver checks it, refuses timestamps that are minutes away, and takes an id it has seen for a repeat:

    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    genuine = any(hmac.compare_digest(expected, part.removeprefix("v1,"))
                  for part in headers["webhook-signature"].split(" "))

A 2xx answer means sent; with the JSON body {"acknowledged": true} the item is acknowledged too.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

import httpx

from disclosure_consumers.registry_folder.notify_forms import WebhookForm
from disclosure_ledger.worklist.channel import Delivery, Fate
from disclosure_ledger.worklist.errors import ChannelSettingsError
from disclosure_ledger.worklist.item import Evidence
from disclosure_ledger.worklist.message import Notification, payload_of, sha256_of

SECRET_PREFIX = "whsec_"  # noqa: S105 - marks a secret in Base64, is none
MIN_SECRET_BYTES = 24
TIMEOUT_S = 10.0
ANSWER_CHARS = 500
"""So much of an answer is kept as evidence."""

_TRY_LATER = frozenset({408, 425, 429})


def signature(secret: bytes, message_id: str, timestamp: int, payload: bytes) -> str:
    """Value of the header webhook-signature; `timestamp` in seconds since 1970."""
    signed = f"{message_id}.{timestamp}.".encode() + payload
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def secret_of(form: WebhookForm, environment: Mapping[str, str]) -> bytes:
    """The signing secret, from the variable that the registry names; raises ChannelSettingsError."""
    text = environment.get(form.secret_env, "")
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) < MIN_SECRET_BYTES:
        raise ChannelSettingsError(
            f"the environment variable {form.secret_env} must hold the webhook's signing secret: Base64 of "
            f"at least {MIN_SECRET_BYTES} bytes, with or without {SECRET_PREFIX} before it. Make one with "
            "`openssl rand -base64 32`."
        )
    return secret


class WebhookChannel:
    """Tells recipients by signed POST requests. TLS is verified and no redirect is followed."""

    name = "webhook"

    def __init__(
        self,
        form: WebhookForm,
        secret: bytes,
        clock: Callable[[], datetime],
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._form = form
        self._secret = secret
        self._clock = clock
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def deliver(self, notification: Notification) -> Delivery:
        """Send one message and read the answer."""
        payload = payload_of(notification)
        timestamp = int(self._clock().timestamp())
        evidence = Evidence(
            message_id=notification.id,
            payload_sha256=sha256_of(payload),
            place=_without_query(self._form.url),
            key_id=self._form.key_id,
        )
        headers = {
            "content-type": "application/json",
            "webhook-id": notification.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._secret, notification.id, timestamp, payload),
            "idempotency-key": notification.id,
            "user-agent": "disclosure-ledger",
        }
        try:
            response = self._client.post(self._form.url, content=payload, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"{type(error).__name__}: {error}"[:ANSWER_CHARS]
            return Delivery(fate=Fate.RETRY, evidence=evidence, reason=reason)
        return _delivery(response, evidence)


def _delivery(response: httpx.Response, evidence: Evidence) -> Delivery:
    answer = response.text[:ANSWER_CHARS].strip() or None
    seen = evidence.model_copy(update={"status": response.status_code, "answer": answer})
    if response.is_success:
        fate = Fate.ACKNOWLEDGED if _acknowledges(response) else Fate.SENT
        return Delivery(fate=fate, evidence=seen)
    reason = f"HTTP {response.status_code}"
    if response.is_redirect:
        to = response.headers.get("location", "nowhere")
        text = f"{reason}: redirected to {to}, which is not followed; correct the recipient's url"
        return Delivery(fate=Fate.REFUSED, evidence=seen, reason=text[:ANSWER_CHARS])
    later = response.is_server_error or response.status_code in _TRY_LATER
    return Delivery(
        fate=Fate.RETRY if later else Fate.REFUSED,
        evidence=seen,
        reason=reason,
        wait_s=_retry_after_s(response) if later else None,
    )


def _acknowledges(response: httpx.Response) -> bool:
    try:
        body = response.json()
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("acknowledged") is True


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header; a date there is left to the back-off."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None


def _without_query(url: str) -> str:
    """A URL as evidence: a query may hold a token."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:ANSWER_CHARS]
