"""A run of CRUXEval for the terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from gatekeeper.report import palette, words
from gatekeeper.report.visible import visible
from gatekeeper.wiring.bench.cruxeval import scores

# wrong answers, and reasons, that are shown before the rest is counted
_LISTED = 20
# characters of a value or a reason
_LONG = 160


def render(bench: scores.Bench) -> RenderableType:
    """Return the figures, then what was answered wrongly and what could not be read."""
    low, high = scores.wilson(bench.share, len(bench.scored))
    return Group(
        Text(f"{len(bench.scored)} of {bench.of} samples, {visible(f'{bench.profile}: {bench.model}')}", style="bold"),
        Text(f"pass@1 by {bench.mode}: {_percent(bench.share)}, 95 % of {_percent(low)} to {_percent(high)}"),
        Text(f"published for CWM, all 800 samples: {_percent(scores.PUBLISHED[bench.mode])}", style=palette.FAINT),
        Text(f"  {scores.SOURCE}", style=palette.FAINT, overflow="fold"),
        Text(_spent(bench)),
        *_wrong(bench),
        *_unread(bench),
    )


def _spent(bench: scores.Bench) -> str:
    usage, cached = bench.usage, bench.cached
    share = "" if cached is None else f" ({_percent(cached)})"
    return (
        f"{words.seconds(bench.seconds)}; tokens: {usage.prompt_tokens:,} in prompts, of which "
        f"{usage.cached_tokens:,}{share} were cached, and {usage.completion_tokens:,} in answers, "
        f"{usage.completion_tokens / bench.answers:,.0f} in each; ${bench.dollars:.4f}"
    )


def _wrong(bench: scores.Bench) -> Iterator[RenderableType]:
    wrong = [
        (one.sample, said.value)
        for one in bench.scored
        for said, right in zip(one.answered.said, one.right, strict=True)
        if said.value is not None and not right
    ]
    if wrong:
        yield Text(f"\nWrong ({len(wrong):,})", style="bold")
    for sample, value in wrong[:_LISTED]:
        yield Text(f"{visible(sample.id)}: said {_cut(value)}", style=palette.BROKEN, overflow="fold")
        yield Text(f"    output: {_cut(sample.output)}", style=palette.FAINT, overflow="fold")
    yield from _rest(len(wrong))


def _unread(bench: scores.Bench) -> Iterator[RenderableType]:
    unread = bench.unread()
    if unread:
        yield Text(f"\nNo value ({sum(number for _, number in unread):,})", style="bold")
    for why, number in unread[:_LISTED]:
        yield Text(f"{number:,}: {_cut(why)}", overflow="fold")
    yield from _rest(len(unread))


def _rest(number: int) -> Iterator[RenderableType]:
    if number > _LISTED:
        yield Text(f"and {number - _LISTED} more: --json lists all", style=palette.FAINT)


def _cut(text: str) -> str:
    return visible(text if len(text) <= _LONG else f"{text[:_LONG]}…")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
