"""Signals for tests of the decision core, whose meaning is known because they were written for it."""

import gpp_strings
from reference_registry import Said

NOTHING: Said = {"gpc": False, "opted_out": False, "limits": [], "readable": True}
GPP: dict[str | None, Said] = {
    None: NOTHING | {"readable": None},
    gpp_strings.gpp({8: gpp_strings.usca({})}): NOTHING,
    gpp_strings.gpp({8: gpp_strings.usca({}, gpc=True)}): NOTHING | {"gpc": True},
    gpp_strings.gpp({8: gpp_strings.usca({"SharingOptOut": 1})}): NOTHING | {"opted_out": True},
    gpp_strings.gpp({7: gpp_strings.usnat({"TargetedAdvertisingOptOut": 1})}): NOTHING | {"opted_out": True},
    gpp_strings.gpp({7: gpp_strings.usnat({"SensitiveDataProcessing": [1] * 16})}): NOTHING,
    gpp_strings.gpp({8: gpp_strings.usca({"SensitiveDataProcessing": [0, 0, 1]})}): NOTHING
    | {"limits": ["precise_geolocation"]},
    gpp_strings.gpp(
        {8: gpp_strings.usca({"SaleOptOut": 1, "SensitiveDataProcessing": [0] * 7 + [1]}, gpc=True)}
    ): {
        "gpc": True,
        "opted_out": True,
        "limits": ["health"],
        "readable": True,
    },
    "DBABBg~not a section": NOTHING | {"readable": False},
}
USP: dict[str | None, Said] = {
    None: NOTHING | {"readable": None},
    "1YNN": NOTHING,
    "1YYN": NOTHING | {"opted_out": True},
    "what": NOTHING | {"readable": False},
}


def reads(gpc: list[str], gpp: str | None, usp: str | None, dnt: str | None) -> Said:
    """What the signals of a visit say."""
    strings = [GPP[gpp], USP[usp]]
    came = [string["readable"] for string in strings if string["readable"] is not None]
    return {
        "gpc": "1" in gpc or any(string["gpc"] for string in strings),
        "dnt": dnt == "1",
        "opted_out": any(string["opted_out"] for string in strings),
        "limits": sorted({element for string in strings for element in string["limits"]}),
        "readable": bool(came) and all(came),
        "unreadable": not all(came),
    }
