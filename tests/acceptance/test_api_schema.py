"""The REST API keeps to its OpenAPI description, whatever it is asked: by schemathesis, with all of its checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from schemathesis import openapi
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from gatekeeper.store import models
from gatekeeper.web.api import operations
from tests import databases
from tests.integration import api_setting, view_samples

TOKEN = {"Authorization": "Bearer gk_all"}
# half with parameters as described, half with others
EXAMPLES = 20
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The API by its own description, and what there is to ask for."""

    schema: Any
    repositories: tuple[int, ...]
    reviews: tuple[str, ...]

    def operation(self, path: str) -> APIOperation[Any, Any, Any, Any]:
        """Return an operation by its path."""
        found: APIOperation[Any, Any, Any, Any] = self.schema[path]["GET"]
        return found


@pytest.fixture(name="described", scope="module")
def _described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """Give the description as the application serves it, over records with attacks in every text."""
    with databases.opened("sqlite", tmp_path_factory.mktemp("schema")) as engine:
        view_samples.fill(engine)
        view_samples.hostile(engine)
        with engine.connect() as connection:
            repositories = connection.execute(sqlalchemy.select(models.Repository.id)).scalars().all()
        site = api_setting.application(engine)
        yield Described(
            schema=openapi.from_wsgi("/api/openapi.json", site, headers=TOKEN),
            repositories=tuple(repositories),
            reviews=(*(view_samples.identity(number) for number in (1, 2, 5)), view_samples.ATTACKED),
        )


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", [one.path for one in operations.OPERATIONS])
def test_every_answer_is_as_described(described: Described, path: str, mode: GenerationMode) -> None:
    asking = described.operation(path).as_strategy(generation_mode=mode, headers=TOKEN)

    @SETTINGS
    @given(case=asking)
    def answers(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=TOKEN)

    answers()


@pytest.mark.parametrize("path", [one.path for one in operations.OPERATIONS])
def test_what_is_there_is_answered_as_described(described: Described, path: str) -> None:
    operation = described.operation(path)
    for repository in described.repositories:
        for review in described.reviews:
            there = {"repository": repository, "review": review, "position": 0}
            wanted = {name: value for name, value in there.items() if f"{{{name}}}" in path}
            case = operation.Case(path_parameters=wanted)
            answer = case.call(headers=TOKEN)
            assert answer.status_code == 200, (path, wanted, answer.text)
            # it asks again, with tokens made up; the test above has that already
            case.validate_response(answer, excluded_checks=[checks.ignored_auth])
