"""What tries fixes where nothing of a pull request is run: a model imagines its tests with each of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gatekeeper.diffs import tree as trees
from gatekeeper.git import edits, objects
from gatekeeper.git import trees as git_trees
from gatekeeper.impact import selection
from gatekeeper.inference import engine
from gatekeeper.repair import screening
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction


@dataclass(slots=True, kw_only=True)
class Imagining:
    """Asks how tests of the judged tree would end with one file changed; implements `trial.Executor`.

    A test counts as passing only where the samples, held against those of the tree before the change, say so: what
    they disagree on is unknown, and does not pass.
    """

    objects: objects.Objects
    before: git_trees.GitTree
    after: git_trees.GitTree
    model: engine.NeuralEngine
    # tokens that one trial may take; None: any
    tokens: int | None
    cancelled: Callable[[], bool]
    # of all trials so far
    cost: prediction.Cost = field(default_factory=prediction.Cost)

    # the model's profile: by it people see that nothing was run
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the model's name."""
        self.name = self.model.name

    def edited(self, path: str, content: bytes) -> trees.Tree:
        """Return the judged tree with the bytes of one file replaced."""
        return edits.edited(self.objects, self.after, path, content)

    def run(self, patched: trees.Tree, tests: selection.Selection, seconds: float) -> Iterator[prediction.Prediction]:
        """Yield how the model says that the tests would end; unknown where it says nothing in the seconds."""
        budget = engines.Budget(seconds=seconds, tokens=self.tokens)
        for said in self.model.predict(tests, self.before, patched, budget, self.cancelled):
            self.cost += said.cost
            yield said


class NoScreen:
    """Tries nothing, since nothing is run; implements `screening.Screen`."""

    def exchanged(
        self, tests: Sequence[str], versions: Sequence[screening.Bodies], seconds: float
    ) -> Sequence[Sequence[screening.Ended]]:
        """Return that nothing is known."""
        assert seconds >= 0
        return [[screening.NOTHING] * len(tests) for _ in versions]

    def imported(self, test: str, versions: Sequence[screening.Files], seconds: float) -> Sequence[screening.Ended]:
        """Return that nothing is known."""
        assert test
        assert seconds >= 0
        return [screening.NOTHING] * len(versions)
