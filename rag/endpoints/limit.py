"""How many requests may be in flight at once: fewer when the server says that there are too many."""

import asyncio
from collections import deque
from types import TracebackType

MOST = 256
PATIENT = 2
"""An allowance grows by one after so many times itself went well, so that it does not swing."""


class AdaptiveLimit:
    """A number of requests in flight that finds its own height; an async context manager around each request.

    Halved by `too_many`, raised by one after a while without. It may be used by one event loop after the other.

    Attributes:
        allowed: how many may be in flight now.
        in_flight: how many are.
        entered: how many ever were.
    """

    def __init__(self, most: int = MOST) -> None:
        """Begins with `most`, and never goes beyond."""
        self.allowed = most
        self._most = most
        self.in_flight = 0
        self.entered = 0
        self._went_well = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        """Waits for a place."""
        while self.in_flight >= self.allowed:
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                await place
            except asyncio.CancelledError:
                if place in self._waiting:
                    self._waiting.remove(place)
                else:  # it was woken, so another one can be
                    self._wake()
                raise
        self.in_flight += 1
        self.entered += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the place free."""
        self.in_flight -= 1
        self._went_well += error is None
        if self._went_well >= PATIENT * self.allowed:
            self.allowed, self._went_well = min(self._most, self.allowed + 1), 0
        self._wake()

    def too_many(self) -> None:
        """The server refused a request because there are too many.

        Many are refused at once; until so many have ended, the others say nothing new.
        """
        if self.in_flight <= self.allowed:
            self.allowed, self._went_well = max(1, self.in_flight // 2), 0

    def _wake(self) -> None:
        free = self.allowed - self.in_flight
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1
