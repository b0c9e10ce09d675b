"""How much a picture changes from frame to frame: what was made of frames beside the frames that were given."""

from __future__ import annotations

from torch import Tensor


class Flicker:
    """Mean absolute differences of successive frames, in own units from 0 to 1, of what was given and what was made."""

    def __init__(self) -> None:
        self.frames, self._same = 0, True
        self._before: tuple[Tensor, Tensor] | None = None
        self._sums = [0.0, 0.0]

    def see(self, given: Tensor, made: Tensor) -> None:
        """The next frame, (N, C, H, W) each; one of another size than the last is none of the same course."""
        now = given, made
        if self._before is not None:
            self._same &= all(a.shape == b.shape for a, b in zip(self._before, now, strict=True))
            if self._same:
                changes = [float((b - a).abs().mean()) for a, b in zip(self._before, now, strict=True)]
                self._sums = [total + change for total, change in zip(self._sums, changes, strict=True)]
        self.frames, self._before = self.frames + len(given), now

    @property
    def changes(self) -> tuple[float, float] | None:
        """From frame to frame of what was given, and of what was made; None of fewer than two, or of several sizes."""
        if self.frames < 2 or not self._same:
            return None
        given, made = (total / (self.frames - 1) for total in self._sums)
        return given, made

    def told(self) -> str:
        """In words, nothing where there are no changes to be told."""
        if self.changes is None:
            return ""
        given, made = self.changes
        times = f" ({made / given:.1f} times)" if given else ""
        return f"{self.frames} frames, from frame to frame {made:.3f} changes, of what was given {given:.3f}{times}"
