"""The options that name a period, and what they say of it."""

from typing import Annotated

from cyclopts import Parameter

Last = Annotated[str | None, Parameter(name="--last", help="Period up to today: 12m, 90d, 6w, 2y.")]
FirstDay = Annotated[str | None, Parameter(name="--from", help="First day (California), YYYY-MM-DD.")]
LastDay = Annotated[str | None, Parameter(name="--to", help="Last day; today if left out.")]
