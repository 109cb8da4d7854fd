"""Between code that waits and code that does not: coroutines run to their end, and slow calls beside a loop."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def begun(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """What `function` will return, from a thread that the end of the process does not wait for.

    The threads of an executor are waited for, so that a server that is silent would hold up Ctrl-C.
    """
    result: Future[T] = Future()
    result.set_running_or_notify_cancel()  # who gives up waiting does not end it

    def run() -> None:
        try:
            result.set_result(function(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  # raised to whoever waits
            result.set_exception(error)

    Thread(target=run, daemon=True).start()
    return result


async def beside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a slow `function` returns; the event loop goes on meanwhile."""
    return await asyncio.wrap_future(begun(function, *args, **kwargs))


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """What `coroutine` returns. Its event loop is its own; where one runs already, in a thread of its own.

    An interrupt cancels it, wherever it runs.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # the factory leaves this thread's own loop as it is
    loop = runner.get_loop()
    task = loop.create_task(coroutine)

    def run() -> T:
        with runner:
            return loop.run_until_complete(task)

    with ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(run).result()
        except BaseException:
            with suppress(RuntimeError):  # the loop has ended: the exception is the coroutine's
                loop.call_soon_threadsafe(task.cancel)
            raise
