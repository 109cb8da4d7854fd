import signal
import sys
import threading

import pytest

from evaluation.running.interrupting import patient_interrupt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_the_first_interrupt_is_told_and_the_second_raised() -> None:
    said: list[str] = []
    with patient_interrupt(lambda: said.append("stopping")) as came:
        assert not came()
        signal.raise_signal(signal.SIGINT)
        assert came()
        assert said == ["stopping"]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert said == ["stopping"]


def test_the_handler_is_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with patient_interrupt(lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_beside_the_main_thread_no_signal_is_caught() -> None:
    before = signal.getsignal(signal.SIGINT)
    found: list[object] = []

    def work() -> None:
        with patient_interrupt(lambda: None) as came:
            found.extend([signal.getsignal(signal.SIGINT), came()])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before, False]
