"""The words with which commands and buttons are answered."""

import difflib
import re

from gatekeeper import commands, evaluation
from gatekeeper.repair import candidate
from gatekeeper.report.github import fitting, markdown
from gatekeeper.verdicts import publication

# bytes kept free for what finds the comment again
_MARKER = 200
# how alike a word must be to be taken for a misspelt command, in 0..1
_ALIKE = 0.6

_COMMANDS: dict[str, tuple[str, str, commands.Command]] = {
    "help": ("help", "Say which commands there are", commands.Help()),
    "review": ("review", "Review the head again", commands.Review()),
    "explain": ("explain TEST", "Say all that is known of one test", commands.Explain(test="")),
    "override": ("override REASON", "Let this head pass, until the next push", commands.Override(reason="")),
    "cancel-override": ("cancel-override", "Let the verdict hold again", commands.CancelOverride()),
}


def help_text() -> str:
    """Return the commands, each with the permission that it needs."""
    rows = [
        (markdown.cell(f"{commands.NAME} {usage}"), does, commands.needs(command))
        for usage, does, command in _COMMANDS.values()
    ]
    table = markdown.table(("Command", "What it does", "Needs at least"), rows)
    return f"{table}\n\nA command stands at the start of a line of a comment; the first one counts."


def unknown(wish: commands.Unknown) -> str:
    """Return what was wrong with a command that could not be understood, and what may have been meant."""
    word, _, argument = wish.text.partition(" ")
    if word.lower() in _COMMANDS:
        usage = _COMMANDS[word.lower()][0]
        lacks = "takes nothing after it" if argument else "lacks what has to follow it"
        return f"{markdown.code(word)} {lacks}: write {markdown.code(f'{commands.NAME} {usage}')}."
    near = difflib.get_close_matches(word.lower()[:40], _COMMANDS, 1, _ALIKE)
    meant = f" Is {markdown.code(f'{commands.NAME} {_COMMANDS[near[0]][0]}')} meant?" if near else ""
    return f"There is no command {markdown.code(word, 40)}.{meant}\n\n{help_text()}"


def refused(wish: commands.Command, login: str, permission: str) -> str:
    """Return that the sender lacks the permission for the command."""
    return (
        f"{_name(wish)} needs the permission {markdown.code(commands.needs(wish))} on this repository, and "
        f"{markdown.code(login)} has {markdown.code(permission)}. Nothing was done."
    )


def failed(wish: commands.Command, problem: str) -> str:
    """Return that the command could not be carried out, and why."""
    return f"{_name(wish)} could not be carried out: {markdown.prose(problem, 1_000)}"


def reviewing(head: str) -> str:
    """Return that the head is being reviewed again."""
    return f"Reviewing {markdown.code(head[:10])} again; the check run shows how far it is."


def nothing_to_explain() -> str:
    """Return that there is no review, or no failure in it, to explain."""
    return (
        "There is nothing to explain: the newest review of this pull request is not done, or no test would fail by it. "
        f"{markdown.code(f'{commands.NAME} explain TEST')} explains any affected test, once it is done."
    )


def overridden(given: evaluation.Override, head: str) -> str:
    """Return that the override was recorded."""
    cancel = markdown.code(f"{commands.NAME} cancel-override")
    return (
        f"Overridden by {markdown.code(given.by)} for {markdown.code(head[:10])}: the check no longer blocks, until "
        f"the next push or {cancel}. "
        f"Reason: {markdown.prose(given.reason, 1_000)}"
    )


def nothing_to_override() -> str:
    """Return that the head has no review that could be overridden."""
    return "There is nothing to override: the newest commit has not been reviewed yet. Ask again when its check runs."


def cancelled(was: bool) -> str:  # noqa: FBT001 - the one thing there is to say
    """Return that the override was taken back, or that there was none."""
    return "The override is cancelled: the verdict holds again." if was else "No override holds here: nothing was done."


def no_fix() -> str:
    """Return that no fix was tried that could be applied."""
    return "There is no fix to apply: none was found that mends a failing test and breaks no other."


def moved_on(head: str) -> str:
    """Return that the fix was made for an older head than the pull request's."""
    return (
        f"The fix was not applied: it was tried on an older commit, and the head is now {markdown.code(head[:10])}. "
        "The review of that one may offer another."
    )


def applied(fix: candidate.FixCandidate, sha: str) -> str:
    """Return that the fix was committed."""
    mended = markdown.counted(len(fix.mended), "test")
    path = markdown.code(fix.replacement.path)
    return (
        f"Applied as {markdown.code(sha[:10])}: it changes {path} and mends {mended}. The new head is reviewed in turn."
    )


def cut(words: str) -> str:
    """Return explanations that follow each other, as many as one comment may hold, the others counted."""
    each = tuple(re.split(r"\n\n(?=### )", words))
    return fitting.fit([fitting.Part(items=each, what="explanation")], "", publication.LONGEST_TEXT - _MARKER)


def _name(wish: commands.Command) -> str:
    if isinstance(wish, commands.ApplyFix):
        return "Applying a fix"
    known = next((word for word, (_, _, command) in _COMMANDS.items() if isinstance(wish, type(command))), None)
    return markdown.code(known) if known else "That command"
