"""A spec as a table of a configuration, and back: TOML knows no None."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saddlepoint.errors import BadOption
from saddlepoint.spec import Spec, Units


def table_of(spec: Spec) -> dict[str, Any]:
    """What samples are, and the way to their own units, as a table."""
    table: dict[str, Any] = _without_none(spec.as_dict() | {"units": spec.units.as_dict()})
    return table


def spec_in(table: Mapping[str, Any]) -> Spec:
    """The spec that a table tells of; raises `BadOption` for a table of none."""
    try:
        told = _with_none(table)
        return Spec.from_dict(told, Units.from_dict(told["units"]))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise BadOption(f"[model.spec] does not say what samples are: {reason}; put it back as it was") from None


def _with_none(table: Mapping[str, Any]) -> dict[str, Any]:
    told = {"bounds": None, **table, "units": {"limits": None, **table["units"]}}
    return told | ({"given": _with_none(table["given"])} if "given" in table else {})


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list | tuple) else value
