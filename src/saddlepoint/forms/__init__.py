"""What a tensor is to whoever shows it, writes it, reads it or shrinks it: the one place that looks at its rank."""

from __future__ import annotations

from saddlepoint.forms.form import Form
from saddlepoint.forms.image import Image
from saddlepoint.forms.vector import Vector, Words
from saddlepoint.spec import Spec


def form_of(spec: Spec) -> Form:
    """The form of samples of `spec`."""
    if spec.words:
        return Words(spec)
    return Image(spec) if spec.is_image else Vector(spec)
