"""What CI did on the change and on its base, name by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatekeeper.outcomes import attempts, counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The jobs of the judged tree beside those of base."""

    head: Mapping[attempts.Name, attempts.Attempts]
    base: Mapping[attempts.Name, attempts.Attempts]
    # of each name in `head`
    results: Mapping[attempts.Name, attempts.Results]
    # of those names that base has, too
    base_results: Mapping[attempts.Name, attempts.Results]
    # shell patterns of the jobs whose conclusion alone is truth
    checks: tuple[str, ...]

    def is_truth(self, name: attempts.Name) -> bool:
        """Whether tests were seen to run in jobs of that name on the change, or the configuration names them."""
        return self.head[name].speaks or self.is_named(name)

    def is_named(self, name: attempts.Name) -> bool:
        """Whether the configuration names jobs of that name."""
        return counting.is_named(self.head[name].all()[0], self.checks)

    def runs_tests(self, name: attempts.Name) -> bool:
        """Whether a job that was cut off is known to run tests: by itself, on base, or from its matrix."""
        if self.is_truth(name) or (name in self.base and self.base[name].speaks):
            return True
        workflow, job = name
        matrix = job.partition(" (")[0]
        return any(
            other.speaks and (workflow, matrix) == (other.name[0], other.name[1].partition(" (")[0])
            for side in (self.head, self.base)
            for other in side.values()
        )
