"""A certified OpenID provider (npm oidc-provider, pinned in openid_provider/) as a process of its own."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

CODE = Path(__file__).parent / "openid_provider"
SECRET = "s:e+c%r e/t=&"
"""Secret of both clients: machine and console."""

_INSTALL_TIMEOUT_S = 180


def install_provider(folder: Path) -> Path:
    """Install the pinned packages below a folder, once; returns where they are."""
    digest = hashlib.sha256((CODE / "package-lock.json").read_bytes()).hexdigest()
    place = folder / f"openid-provider-{digest[:12]}"
    shutil.copytree(CODE, place, dirs_exist_ok=True)
    if not (place / "node_modules" / ".package-lock.json").exists():  # npm writes it last
        done = subprocess.run(
            ["npm", "ci"], cwd=place, capture_output=True, text=True, check=False, timeout=_INSTALL_TIMEOUT_S
        )
        assert done.returncode == 0, f"npm ci failed:\n{done.stderr}"
    return place


class RunningProvider:
    """A provider that answers at `issuer` until it is stopped."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.issuer: str = self._line()["issuer"]

    def rotate(self) -> str:
        """Sign with a new key from now on; returns its id."""
        assert self._process.stdin is not None
        self._process.stdin.write("rotate\n")
        self._process.stdin.flush()
        kid: str = self._line()["kid"]
        return kid

    def machine_token(self, resource: str = "urn:disclosure-ledger") -> str:
        """An access token of the client `machine`, by client credentials."""
        got = httpx.post(
            f"{self.issuer}/token",
            data={"grant_type": "client_credentials", "resource": resource},
            auth=("machine", "s%3Ae%2Bc%25r+e%2Ft%3D%26"),
        )
        got.raise_for_status()
        token: str = got.json()["access_token"]
        return token

    def stop(self) -> None:
        """End it, as an outage would."""
        self._process.kill()
        self._process.wait()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # it prints notices too
                return json.loads(line)
        raise AssertionError("the provider ended")


@contextmanager
def running_provider(place: Path, redirect_uri: str) -> Iterator[RunningProvider]:
    """A provider that sends browsers back to an address."""
    process = subprocess.Popen(
        ["node", "provider.mjs", redirect_uri],
        cwd=place,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield RunningProvider(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
