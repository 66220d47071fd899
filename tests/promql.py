"""What a PromQL expression reads: names of series and labels, by a parser."""

from collections.abc import Iterator

import promql_parser as promql


def selectors(expression: str) -> list[promql.VectorSelector]:
    """Every selector of series in an expression; raises ValueError for one that is not PromQL."""
    return list(_selectors(promql.parse(expression)))


def series_names(expression: str) -> set[str]:
    """Names of the series that an expression reads."""
    return {str(selector.name) for selector in selectors(expression)}


def grouping_labels(expression: str) -> set[str]:
    """Labels by which an expression groups."""
    return {
        label
        for node in _nodes(promql.parse(expression))
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None
        for label in node.modifier.labels
    }


def _selectors(root: promql.Expr) -> Iterator[promql.VectorSelector]:
    for node in _nodes(root):
        if isinstance(node, promql.VectorSelector):
            yield node
        elif isinstance(node, promql.MatrixSelector):
            yield node.vector_selector


def _nodes(node: promql.Expr) -> Iterator[promql.Expr]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _children(node: promql.Expr) -> list[promql.Expr]:
    match node:
        case promql.BinaryExpr():
            return [node.lhs, node.rhs]
        case promql.AggregateExpr():
            return [node.expr] if node.param is None else [node.expr, node.param]
        case promql.Call():
            return list(node.args)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return [node.expr]
        case _:
            return []


_COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}


def judged(expression: str) -> str:
    """What an alert judges: the quantity left of its comparison, without the limit."""
    node = promql.parse(expression)
    while isinstance(node, promql.BinaryExpr):
        op = str(node.op)
        if op not in {*_COMPARISONS, "or"}:
            break
        node = node.lhs
    return node.prettify()
