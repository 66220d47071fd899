"""The rule of each law."""

from collections.abc import Mapping

from disclosure_ledger.reports.question import ReportRegime
from disclosure_ledger.reports.regimes.california import CALIFORNIA
from disclosure_ledger.reports.regimes.europe import EUROPE
from disclosure_ledger.reports.regimes.hipaa import HIPAA
from disclosure_ledger.reports.regimes.rule import RegimeRule
from disclosure_ledger.reports.regimes.states import (
    CONNECTICUT,
    DELAWARE,
    MARYLAND,
    MINNESOTA,
    OREGON,
    WASHINGTON,
)

RULES: Mapping[ReportRegime, RegimeRule] = {
    ReportRegime.CALIFORNIA: CALIFORNIA,
    ReportRegime.OREGON: OREGON,
    ReportRegime.MINNESOTA: MINNESOTA,
    ReportRegime.CONNECTICUT: CONNECTICUT,
    ReportRegime.DELAWARE: DELAWARE,
    ReportRegime.MARYLAND: MARYLAND,
    ReportRegime.WASHINGTON: WASHINGTON,
    ReportRegime.EUROPE: EUROPE,
    ReportRegime.HIPAA: HIPAA,
}
"""Complete."""
