"""The decoder of GPP strings against the reference codec, npm @iabgpp/cmpapi, pinned in gpp_reference/."""

import hashlib
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from disclosure_consumers.core.signals.gpp import US_SECTIONS, Section, decode_gpp
from disclosure_consumers.core.signals.reading import read_signals
from disclosure_consumers.core.signals.sections import SECTION_NAMES
from disclosure_schemas.events.disclosure import Signals
from kafka_fixtures import need

REFERENCE = Path(__file__).parents[1] / "gpp_reference"
SEED = 20_251_217
COUNT = 4_400
INSTALL_TIMEOUT_S = 120

Line = dict[str, Any]


def run(command: list[str], folder: Path) -> str:
    """Run a program to its end and return what it printed; its complaint if it failed."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_TIMEOUT_S
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def lines(request: pytest.FixtureRequest) -> list[Line]:
    """Strings of the reference codec with what it reads of them; the codec is installed on first use."""
    need(
        "the reference codec of GPP strings",
        [name for name in ("node", "npm") if shutil.which(name) is None],
    )
    digest = hashlib.sha256((REFERENCE / "package-lock.json").read_bytes()).hexdigest()
    folder = Path(request.config.cache.mkdir(f"gpp-reference-{digest[:12]}"))
    shutil.copytree(REFERENCE, folder, dirs_exist_ok=True)
    if not (folder / "node_modules" / ".package-lock.json").exists():  # npm writes it last
        run(["npm", "ci"], folder)
    output = run(["node", "strings.mjs", str(SEED), str(COUNT)], folder)
    return [json.loads(line) for line in output.splitlines()]


def shown(section: Section) -> Line:
    """A section as the reference shows it.

    One difference is known: of a usnat section numbered 1 with the longer lists of version 2 the reference
    shows the first twelve and two answers, and the decoder all that there are.
    """
    fields = {
        name: list(value) if isinstance(value, tuple) else value for name, value in section.fields.items()
    }
    if (section.name, fields.get("Version")) == ("usnat", 1):
        processing, consents = fields["SensitiveDataProcessing"], fields["KnownChildSensitiveDataConsents"]
        assert isinstance(processing, list)
        assert isinstance(consents, list)
        assert (len(processing), len(consents)) in {(12, 2), (16, 3)}
        fields |= {
            "SensitiveDataProcessing": processing[:12],
            "KnownChildSensitiveDataConsents": consents[:2],
        }
    return {"fields": fields, "gpc": section.gpc}


def differences(text: str, expected: Line) -> list[str]:
    """Where the decoder and the reference read a string differently."""
    gpp = decode_gpp(text)
    found = [f"{text}: {damage}" for damage in gpp.damage]
    if list(gpp.sections) != list(expected):
        found.append(f"{text}: sections {list(gpp.sections)}, reference {list(expected)}")
        return found
    for name, section in gpp.sections.items():
        ours, theirs = shown(section), expected[name]
        if ours != theirs or list(ours["fields"]) != list(theirs["fields"]):
            found.append(f"{text}: {name} is {ours}, reference {theirs}")
    return found


def test_the_reference_writes_strings_of_every_kind(lines: list[Line]) -> None:
    """There are thousands of different strings, with each section often, alone and beside others."""
    assert len({line["string"] for line in lines}) > 3_000
    times = {
        name: sum(name in line["sections"] for line in lines) for name in map(SECTION_NAMES.get, US_SECTIONS)
    }
    assert min(times.values()) > 150, times
    assert sum(len(line["sections"]) > 1 for line in lines) > 500
    numbered = [
        line["sections"]["usnat"]["fields"]["Version"] for line in lines if "usnat" in line["sections"]
    ]
    assert min(numbered.count(1), numbered.count(2)) > 50
    gpc = [section["gpc"] for line in lines for section in line["sections"].values()]
    assert min(gpc.count(None), gpc.count(True), gpc.count(False)) > 500


def test_every_field_is_read_as_the_reference_reads_it(lines: list[Line]) -> None:
    """Each section, each field in its order and each GPC bit of each string is that of the reference."""
    found = [difference for line in lines for difference in differences(line["string"], line["sections"])]
    assert found == []


def test_more_padding_and_the_other_alphabet_change_nothing(lines: list[Line]) -> None:
    """The same strings with zeros behind any part, in the letters of the specification, read the same."""
    chance = random.Random(SEED)
    found = []
    for line in lines:
        header, *payloads = line["string"].split("~")
        ids = decode_gpp(line["string"], only=frozenset()).section_ids
        spelled = [header + "A" * chance.randrange(4)]
        for section_id, payload in zip(ids, payloads, strict=True):
            if section_id in US_SECTIONS - {6}:
                parts = [part + "A" * chance.randrange(9) for part in payload.split(".")]
                spelled.append(".".join(parts).replace("-", "+").replace("_", "/"))
            else:
                spelled.append(payload)
        found += differences("~".join(spelled), line["sections"])
    assert found == []


def test_a_reading_follows_from_what_the_reference_reads(lines: list[Line]) -> None:
    """What usnat, usca and uspv1 say by the reference is what a visit with the string asks for."""
    opt_outs = {"SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut"}
    asked = {True: 0, False: 0}
    for line in lines:
        reading = read_signals(Signals(gpp=line["string"]))
        deciding = [line["sections"][name] for name in ("uspv1", "usnat", "usca") if name in line["sections"]]
        opted_out = any(
            section["fields"].get("OptOutSale") == "Y"
            or any(section["fields"].get(name) == 1 for name in opt_outs)
            for section in deciding
        )
        limits = line["sections"].get("usca", {"fields": {"SensitiveDataProcessing": []}})["fields"]
        assert reading.opted_out is opted_out
        assert reading.gpc is any(section["gpc"] is True for section in deciding)
        assert bool(reading.limited_elements) is (1 in limits["SensitiveDataProcessing"])
        assert reading.readable
        asked[opted_out] += 1
    assert min(asked.values()) > 100
