import signal

import pytest
from click.testing import CliRunner

from gatekeeper import cli
from gatekeeper.wiring import interrupts, review

WORDS = ["review", "--base", "main", "--head", "work"]


def test_a_fault_of_the_program_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(review, "run", broken)

    ended = CliRunner().invoke(cli.main, WORDS)

    assert ended.exit_code == 3
    assert ended.stdout == ""
    assert "a fault of this program, which says nothing of the change" in ended.stderr
    assert "RuntimeError: a fault" in ended.stderr


def test_a_signal_is_raised_once_and_told_to_whoever_asks() -> None:
    with interrupts.Interrupts() as heard:
        assert not heard.came()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)

        assert heard.came()


def test_a_signal_that_was_to_be_ignored_stays_ignored_and_the_others_are_given_back() -> None:
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = signal.getsignal(signal.SIGTERM)
    try:
        with interrupts.Interrupts() as heard:
            signal.raise_signal(signal.SIGINT)

            assert not heard.came()
            assert signal.getsignal(signal.SIGTERM) != ended
        assert signal.getsignal(signal.SIGTERM) == ended
    finally:
        signal.signal(signal.SIGINT, ignored)
