"""Panels of our dashboards: each asks a question, has a unit, and says how to read the answer."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    GraphDrawStyle,
    GraphTresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
"""Name of the data source in `provisioning/datasources`."""

COLUMNS = 24
PanelBuilder = timeseries.Panel | stat.Panel | table.Panel


@dataclass(frozen=True, slots=True)
class Query:
    """One expression and what its series are called in the legend: text with `{{label}}` in it."""

    expr: str
    legend: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """From this value on a panel is orange or red; below the lowest it is green."""

    warn: float | None = None
    bad: float | None = None


def graph(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    stacked: bool = False,
    limit: Limit | None = None,
    width: int = 12,
    height: int = 8,
) -> timeseries.Panel:
    """Lines over time, or areas that add up."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .unit(unit)
        .min(0)
        .datasource(SOURCE)
        .span(width)
        .height(height)
        .draw_style(GraphDrawStyle.LINE)
        .fill_opacity(30 if stacked else 8)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.BOTTOM)
            .calcs(["lastNotNull", "max"])
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if limit is not None:
        panel = panel.thresholds(_thresholds(limit)).thresholds_style(_line_at_thresholds())
    for number, query in enumerate(queries):
        panel = panel.with_target(_target(query, number))
    return panel


def figure(
    title: str, description: str, unit: str, query: Query, *, limit: Limit | None = None, width: int = 6
) -> stat.Panel:
    """One number now, green, orange or red."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .unit(unit)
        .datasource(SOURCE)
        .span(width)
        .height(4)
        .color_mode(BigValueColorMode.BACKGROUND if limit else BigValueColorMode.VALUE)
        .thresholds(_thresholds(limit or Limit()))
        .with_target(_target(query, 0).instant())
    )


def rows(title: str, description: str, unit: str, query: Query, *, width: int = 12) -> table.Panel:
    """A table: one line for each series, with its labels and its value."""
    return (
        table.Panel()
        .title(title)
        .description(description)
        .unit(unit)
        .datasource(SOURCE)
        .span(width)
        .height(8)
        .with_target(_target(query, 0).instant().format(PromQueryFormat.TABLE))
    )


def board(
    uid: str, title: str, description: str, sections: Sequence[tuple[str, Sequence[PanelBuilder]]]
) -> dashboard.Dashboard:
    """A dashboard of titled rows of panels."""
    made = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["disclosure-ledger"])
        .refresh("10s")
        .time("now-1h", "now")
        .timezone("browser")
        .readonly()
        .link(
            dashboard.DashboardLink("Dashboards")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["disclosure-ledger"])
            .as_dropdown(True)
        )
    )
    numbers = itertools.count(1)
    for name, panels in sections:
        made = made.with_row(dashboard.Row(name).id(next(numbers)))
        for panel in panels:
            made = made.with_panel(panel.id(next(numbers)))
    return made


def _target(query: Query, number: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .datasource(SOURCE)
        .expr(query.expr)
        .legend_format(query.legend)
        .ref_id("ABCDEFGH"[number])
    )


def _thresholds(limit: Limit) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    if limit.warn is not None:
        steps.append(Threshold(value=limit.warn, color="orange"))
    if limit.bad is not None:
        steps.append(Threshold(value=limit.bad, color="red"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _line_at_thresholds() -> common.GraphThresholdsStyleConfig:
    return common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED)


def quantiles(histogram: str) -> tuple[Query, Query]:
    """Median and 99th percentile of a histogram over five minutes."""

    def at(quantile: float, legend: str) -> Query:
        return Query(f"histogram_quantile({quantile}, sum by (le) (rate({histogram}_bucket[5m])))", legend)

    return at(0.5, "half of them"), at(0.99, "99 % of them")
