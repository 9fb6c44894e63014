"""A reasoner that answers from a table; implements `gatekeeper.halting.asking.Reasoner`."""

from collections.abc import Callable, Sequence

from gatekeeper.halting import asking


class TableReasoner:
    """Answers by the text of the function that is asked about; every question is kept."""

    engine, model, version = "table", "a table", "1"

    def __init__(self, answers: Callable[[str], asking.Answer]) -> None:
        self.asked: list[asking.Question] = []
        self._answers = answers

    def ask(
        self, questions: Sequence[asking.Question], budget: asking.Budget, cancelled: Callable[[], bool]
    ) -> list[asking.Answer]:
        self.asked += questions
        if cancelled():
            return [asking.NotAnswered(why="cancelled") for _ in questions]
        return [self._answers("\n".join(line.text for line in question.code.function)) for question in questions]
