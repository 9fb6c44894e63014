"""Every error that a user may see, in one tree.

GatekeeperError
├── UsageError            the command or its input cannot be used: exit code 2
│   ├── RepositoryError   not a repository, an unknown revision, a missing object
│   ├── ReportError       a test report is malformed, too large or unsafe
│   └── ConfigurationError  `.github/gatekeeper.yml` of the base branch is invalid
├── NotAnalysed           the input is sound, yet no verdict can be reached: exit code 3
├── StoreError            the database cannot be opened, migrated or written
├── SandboxError          the sandbox cannot be built or started
├── ModelError            a model server cannot be reached, is not the right one, or gave no answer in time
├── FetchError            git did not get a repository's objects
├── ForgeError            GitHub did not do what it was asked for
│   ├── RateLimitError    a rate limit: to be asked again after a while
│   ├── UnavailableError  no answer, or none that counts: it may have been done; to be asked again
│   ├── ForbiddenError    a permission is missing
│   ├── MissingError      it does not exist, or is not shown to the App
│   ├── SignedOutError    a person's token is no longer good: they have to sign in again
│   └── RefusedError      what was asked for is not valid, or no longer
└── BenchError            a labelled pull request cannot be made, reviewed or timed
"""

from enum import StrEnum


class GatekeeperError(Exception):
    """A message that says what happened, to what, and what to do."""


class UsageError(GatekeeperError):
    """The command or its input cannot be used."""


class RepositoryError(UsageError):
    """The repository or one of its revisions cannot be read."""


class ReportError(UsageError):
    """A test report cannot be read: it is malformed, too large or unsafe."""


class ConfigurationError(UsageError):
    """The repository's configuration is invalid."""


class NotAnalysed(GatekeeperError):  # noqa: N818 - a result with a reason, named as the verdict is
    """No verdict can be reached, and the message is the reason."""


class StoreError(GatekeeperError):
    """The database cannot be opened, migrated or written."""


class SandboxError(GatekeeperError):
    """The sandbox cannot be built or started."""


class ModelError(GatekeeperError):
    """A model server cannot be used, or did not answer in time."""


class BenchError(GatekeeperError):
    """A labelled pull request cannot be made, reviewed or timed."""


class FetchFailure(StrEnum):
    """Why git did not get a repository's objects."""

    # a branch or a commit is not there, or not yet
    MISSING = "missing"
    # the repository does not exist, or the token does not open it
    FORBIDDEN = "forbidden"
    # no answer that counts: to be tried again
    UNAVAILABLE = "unavailable"
    TOO_LARGE = "too_large"
    # the mirror on this machine, or git itself
    BROKEN = "broken"
    CANCELLED = "cancelled"


class FetchError(GatekeeperError):
    """Objects of a repository could not be fetched."""

    def __init__(self, message: str, failure: FetchFailure) -> None:
        """Tell why, for people and for the program."""
        super().__init__(message)
        self.failure = failure

    @property
    def passes(self) -> bool:
        """Whether the same may succeed a while later."""
        return self.failure in {FetchFailure.MISSING, FetchFailure.UNAVAILABLE}


class ForgeError(GatekeeperError):
    """GitHub did not do what it was asked for."""


class RateLimitError(ForgeError):
    """A rate limit was reached."""

    def __init__(self, message: str, seconds: float) -> None:
        """Ask again after `seconds`."""
        super().__init__(message)
        self.seconds = seconds


class UnavailableError(ForgeError):
    """GitHub gave no answer that counts; what was asked for may have been done all the same."""


class ForbiddenError(ForgeError):
    """The App lacks a permission."""


class MissingError(ForgeError):
    """It does not exist, or the App may not see it."""


class SignedOutError(ForgeError):
    """A person's token is no longer good, and cannot be renewed."""


class RefusedError(ForgeError):
    """What was asked for is not valid, or no longer."""
