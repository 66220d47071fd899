"""Why no report is made; each has a message of its own and nothing is written."""

from disclosure_schemas.errors import DisclosureError


class ReportError(DisclosureError):
    """A report cannot be made as it was asked for."""


class UnknownSubjectError(ReportError):
    """No record of any kind mentions the person."""


class TwoSubjectsError(ReportError):
    """The identifiers of one request belong to different people, as far as anybody knows."""


class PurgedPeriodError(ReportError):
    """No record of the period is kept any more."""


class OptionOfOtherRegimeError(ReportError):
    """An option belongs to another law than the one that was named."""


class OptionOfOtherFormError(ReportError):
    """An option belongs to another format than the one that was named."""


class FutureReportError(ReportError):
    """The period, or the receipt of the request, lies in the future."""
