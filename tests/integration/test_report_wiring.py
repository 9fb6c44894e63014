import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from gatekeeper import errors
from gatekeeper.store import database, models, records
from gatekeeper.wiring import db, report
from tests.integration import report_samples


@pytest.fixture(name="url")
def _url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.sqlite'}"


@pytest.fixture(name="recorded")
def _recorded(url: str) -> str:
    opened = database.open_database(url)
    records.record(opened, report_samples.realistic())
    records.record(opened, replace(report_samples.realistic(), id="another"))
    return url


@pytest.fixture(name="console")
def _console() -> Console:
    return Console(width=100, record=True, quiet=False)


def test_the_list_shows_each_review_on_a_line(recorded: str, console: Console) -> None:
    report.print_list(console, recorded)

    lines = console.export_text().splitlines()
    assert len(lines) == 3
    assert "acme/ledger" in lines[1]
    assert "4f2a9c1..b81c07d" in lines[1]
    assert "7 would fail" in lines[1]
    assert "23/214" in lines[1]


def test_an_empty_list_says_what_to_do(url: str, console: Console) -> None:
    report.print_list(console, url)

    assert console.export_text() == "No review is recorded yet: `gatekeeper review` records one.\n"


def test_a_review_is_printed_in_full(recorded: str, console: Console) -> None:
    report.print_review(console, recorded, "0198")

    text = console.export_text()
    done = report_samples.realistic()
    for said in done.predictions:
        assert said.test.partition("::")[2] in text
    assert "while rest:" in text
    assert "2 steps left out" in text


def test_the_page_of_all_reviews_links_to_each(recorded: str, tmp_path: Path) -> None:
    report.write_page(recorded, None, tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'href="#r1"' in page
    assert 'id="r2"' in page


def test_the_page_of_one_review_has_only_that(recorded: str, tmp_path: Path) -> None:
    report.write_page(recorded, "another", tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "another" in page
    assert "0198f3c2a4b17d0e8c55" not in page


def test_a_page_that_cannot_be_written_is_explained(recorded: str, tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match=r"the page cannot be written to .*: Is a directory: name another file"):
        report.write_page(recorded, None, tmp_path)


def test_json_gives_the_list_or_one_review(recorded: str) -> None:
    every = report.as_json(recorded, None)
    one = report.as_json(recorded, "0198")

    assert isinstance(every, list)
    assert isinstance(one, dict)
    assert {row["review"] for row in every} == {"another", "0198f3c2a4b17d0e8c55"}
    assert one["would_fail"] == every[0]["would_fail"] == 7
    assert json.loads(json.dumps(one)) == one


def test_upgrading_says_the_schema(url: str) -> None:
    assert db.upgrade(url) == f"{url} has the schema {models.REVISIONS[-1]}, the newest"
