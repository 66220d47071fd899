"""Public holidays as plain days, from the library `holidays`; nothing else imports it.

They serve the latest of the three readings of a deadline alone. The library may list more days than the law
of California knows, and each makes a deadline later: no deadline that binds is counted with them (legal 9.3).
"""

from collections.abc import Iterable
from datetime import date

import holidays


def california_holidays(years: Iterable[int]) -> frozenset[date]:
    """Public holidays of California in these years, days on which one is observed included."""
    return frozenset(holidays.country_holidays("US", subdiv="CA", years=list(years)))


def holidays_around(day: date) -> frozenset[date]:
    """Public holidays of California in the year of a day and the next: as far as a deadline reaches."""
    return california_holidays((day.year, day.year + 1))
