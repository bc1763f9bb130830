"""The arithmetic of metric math: ids, numbers, + - * /, brackets and FILL(id, number)."""

import ast
import operator
from collections.abc import Callable, Mapping

from local.cloudwatch.requests import invalid

Points = dict[int, float]
Value = Points | float
LONGEST = 1024
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(expression: str, series: Mapping[str, Points], timestamps: list[int]) -> Points:
    """The expression's value at every timestamp where all that it names has one.

    `timestamps` are those of the whole query, which FILL fills. Raises ApiError for anything that
    the local cloud does not evaluate.
    """
    if len(expression) > LONGEST:
        raise invalid(f"An expression has at most {LONGEST} characters, not {len(expression)}.")
    try:
        body = ast.parse(expression.strip(), mode="eval").body
        value = _value(body, series, timestamps)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        raise invalid(f"The expression {expression!r} cannot be read.") from None
    return value if isinstance(value, dict) else dict.fromkeys(timestamps, value)


def _value(node: ast.expr, series: Mapping[str, Points], timestamps: list[int]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in series:
                raise invalid(f"The expression names {name}, which no query of the request has.")
            return series[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _combine(operator.sub, 0.0, _value(operand, series, timestamps))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _combine(
                _OPERATORS[type(op)],
                _value(left, series, timestamps),
                _value(right, series, timestamps),
            )
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, filler], keywords=[]):
            return _filled(
                _value(filled, series, timestamps), _value(filler, series, timestamps), timestamps
            )
    raise invalid(
        f"{ast.unparse(node)!r} in an expression is not supported by the local cloud yet; it has "
        "ids, numbers, + - * /, brackets and FILL(id, number)."
    )


def _combine(apply: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Of two series where both have a value; CloudWatch shows no point for a division by zero."""
    match left, right:
        case dict(), dict():
            pairs = {when: (left[when], right[when]) for when in left if when in right}
        case dict(), float():
            pairs = {when: (value, right) for when, value in left.items()}
        case float(), dict():
            pairs = {when: (left, value) for when, value in right.items()}
        case float(), float():
            if apply is operator.truediv and right == 0:
                raise invalid("An expression divides by zero.")
            return apply(left, right)
    return {
        when: apply(first, second)
        for when, (first, second) in pairs.items()
        if apply is not operator.truediv or second != 0
    }


def _filled(value: Value, filler: Value, timestamps: list[int]) -> Value:
    if isinstance(filler, dict) or not isinstance(value, dict):
        raise invalid("FILL takes an id and a number in the local cloud.")
    return {when: value.get(when, filler) for when in timestamps}
