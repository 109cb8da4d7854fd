"""Tests of the limit on requests in flight."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.endpoints.limit import PATIENT, AdaptiveLimit


async def settled() -> None:
    """Lets all that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


class Requests:
    """Requests under a limit, each held until it is told to end."""

    def __init__(self, limit: AdaptiveLimit) -> None:
        self.limit = limit
        self.inside: dict[int, asyncio.Event] = {}
        self.most_inside = 0
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.done: list[int] = []

    def begin(self) -> None:
        name = len(self.tasks)
        self.tasks[name] = asyncio.ensure_future(self._held(name))

    def end(self) -> None:
        if self.inside:
            self.inside.pop(min(self.inside)).set()

    def cancel(self, name: int) -> None:
        if name in self.tasks:
            self.tasks[name].cancel()

    async def _held(self, name: int) -> None:
        async with self.limit:
            self.inside[name] = asyncio.Event()
            self.most_inside = max(self.most_inside, len(self.inside))
            try:
                await self.inside[name].wait()
            finally:
                self.inside.pop(name, None)
        self.done.append(name)

    async def finish(self) -> None:
        """Ends them all; who is waiting gets in, unless a place was lost."""
        for _ in range(2 * len(self.tasks) + 2):
            while self.inside:
                self.end()
            await settled()
        async with asyncio.timeout(5):
            await asyncio.gather(*self.tasks.values(), return_exceptions=True)


def test_no_more_are_in_flight_than_are_allowed_and_all_get_in() -> None:
    async def scene() -> None:
        requests = Requests(AdaptiveLimit(3))
        for _ in range(10):
            requests.begin()
        await settled()
        assert (len(requests.inside), requests.limit.in_flight) == (3, 3)
        await requests.finish()
        assert (sorted(requests.done), requests.most_inside, requests.limit.in_flight) == ([*range(10)], 3, 0)

    asyncio.run(scene())


def test_those_who_wait_get_in_in_turn() -> None:
    async def scene() -> None:
        requests = Requests(AdaptiveLimit(1))
        for _ in range(5):
            requests.begin()
        await settled()
        await requests.finish()
        assert requests.done == [0, 1, 2, 3, 4]

    asyncio.run(scene())


Act = Callable[[Requests], None]


def halve(requests: Requests) -> None:
    requests.limit.too_many()


acts = st.lists(
    st.one_of(
        st.just(Requests.begin),
        st.just(Requests.end),
        st.just(halve),
        st.integers(0, 12).map(lambda name: lambda requests: requests.cancel(name)),
    ),
    max_size=40,
)


@given(st.integers(1, 3), st.lists(st.tuples(acts, st.booleans()), max_size=6))
def test_no_place_is_lost_whatever_is_begun_ended_cancelled_and_refused(
    most: int, scenes: list[tuple[list[Act], bool]]
) -> None:
    """Several acts before anything goes on: a request may be cancelled when its place is already granted."""

    async def scene() -> None:
        requests = Requests(AdaptiveLimit(most))
        for together, settles in scenes:
            for act in together:
                act(requests)
            await (settled() if settles else asyncio.sleep(0))
        await requests.finish()
        assert all(task.done() for task in requests.tasks.values())
        assert requests.limit.in_flight == 0
        assert requests.most_inside <= most
        assert 1 <= requests.limit.allowed <= most

    asyncio.run(scene())


def test_a_request_cancelled_when_its_place_was_granted_passes_it_on() -> None:
    async def scene() -> None:
        requests = Requests(AdaptiveLimit(1))
        for _ in range(3):
            requests.begin()
        await settled()
        assert list(requests.inside) == [0]
        requests.end()
        while requests.limit.in_flight:
            await asyncio.sleep(0)
        requests.cancel(1)  # the place is granted to it, and it has not gone on yet
        await settled()
        assert (list(requests.inside), requests.tasks[1].cancelled()) == ([2], True)
        await requests.finish()

    asyncio.run(scene())


def in_flight(limit: AdaptiveLimit, count: int) -> None:
    """Brings so many in flight, at once."""

    async def enter() -> None:
        for _ in range(count):
            await limit.__aenter__()

    asyncio.run(enter())


def leave(limit: AdaptiveLimit, count: int, error: BaseException | None = None) -> None:
    async def leave() -> None:
        for _ in range(count):
            await limit.__aexit__(type(error) if error else None, error, None)

    asyncio.run(leave())


def test_a_refusal_halves_what_was_in_flight_not_what_was_allowed() -> None:
    limit = AdaptiveLimit()
    in_flight(limit, 16)
    limit.too_many()
    assert limit.allowed == 8


def test_many_refusals_of_one_burst_halve_once() -> None:
    """150 sent where 100 are taken: 50 refusals must not bring it down to one."""
    limit = AdaptiveLimit()
    in_flight(limit, 150)
    for _ in range(50):
        limit.too_many()
    assert limit.allowed == 75


def test_late_refusals_of_the_same_burst_change_nothing() -> None:
    limit = AdaptiveLimit()
    in_flight(limit, 16)
    limit.too_many()
    for _ in range(7):
        leave(limit, 1, ConnectionError())
        limit.too_many()
        assert limit.allowed == 8
    leave(limit, 1, ConnectionError())
    limit.too_many()  # these were sent under the new allowance
    assert limit.allowed == 4


def test_refusals_that_go_on_bring_it_down_to_one_and_no_further() -> None:
    limit = AdaptiveLimit()
    in_flight(limit, 8)
    for _ in range(8):
        limit.too_many()
        leave(limit, 1, ConnectionError())
    assert limit.allowed == 1
    in_flight(limit, 1)
    limit.too_many()
    assert limit.allowed == 1


def test_it_rises_by_one_after_a_while_without_refusals_and_never_beyond_the_most() -> None:
    limit = AdaptiveLimit(4)
    in_flight(limit, 4)
    limit.too_many()
    leave(limit, 4, ConnectionError())
    seen = []
    for _ in range(20):
        in_flight(limit, 1)
        leave(limit, 1)
        seen.append(limit.allowed)
    assert seen[: PATIENT * 2] == [2] * (PATIENT * 2 - 1) + [3]
    assert seen[-1] == max(seen) == 4


@pytest.mark.parametrize("error", [ConnectionError(), asyncio.CancelledError(), GeneratorExit()])
def test_what_ended_badly_is_no_reason_to_rise(error: BaseException) -> None:
    limit = AdaptiveLimit(8)
    in_flight(limit, 4)
    limit.too_many()
    leave(limit, 3, error)
    for _ in range(30):
        leave(limit, 1, error)
        in_flight(limit, 1)
    assert limit.allowed == 2


def test_one_event_loop_may_follow_another_even_if_requests_were_waiting_when_it_ended() -> None:
    requests = Requests(AdaptiveLimit(2))

    async def ends_early() -> None:
        for _ in range(5):
            requests.begin()
        await settled()
        assert len(requests.inside) == 2

    asyncio.run(ends_early())  # cancels what still runs
    assert requests.limit.in_flight == 0

    async def all_again() -> list[int]:
        again = Requests(requests.limit)
        for _ in range(5):
            again.begin()
        await settled()
        await again.finish()
        return again.done

    assert asyncio.run(all_again()) == [0, 1, 2, 3, 4]
