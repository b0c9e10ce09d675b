"""Pictures of all sorts, and tasks over them."""

from typing import Any

from saddlepoint import tasks
from saddlepoint.errors import BadData
from saddlepoint.laws.tasks import PICTURES
from saddlepoint.laws.zoo import pictures as stored
from saddlepoint.spec import Spec
from saddlepoint.task import Derived

__all__ = ["PICTURES", "derived", "stored"]


def derived(name: str, spec: Spec, **options: Any) -> Derived | None:
    """Pictures of `spec` seen through a task; None where it is for others."""
    try:
        return Derived(stored(spec), tasks.build(name, spec, **options))
    except BadData:
        return None
