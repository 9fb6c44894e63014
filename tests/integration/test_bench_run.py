import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import errors, settings
from gatekeeper.wiring.bench import native, shown
from tests.integration import bench_package

pytestmark = pytest.mark.slow

pytest.importorskip("cosmic_ray", reason="mutations need gatekeeper[bench]")


@pytest.fixture
def chosen(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    """Return settings with a cache of their own that holds the built sandbox."""
    # a test that hangs burns all of it
    monkeypatch.setenv("GATEKEEPER_FUEL", "5")
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "sandbox").symlink_to(compiled.parent)
    return replace(settings.read(os.environ), cache=cache, database=f"sqlite:///{tmp_path / 'none.sqlite'}")


def listed(folder: Path, *known: dict[str, Any]) -> Path:
    (folder / "cases.json").write_text(json.dumps(known))
    return folder / "cases.json"


def test_labels_are_compared_with_what_real_reviews_say(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = bench_package.kept(tmp_path, chosen.cache)
    known = listed(
        tmp_path,
        # `within` would not fail, and `above` does: one false label each way
        bench_package.case(digest, "AddNot", 0, below="failed", above="failed", halvings_of_one="failed"),
        bench_package.case(digest, "AddNot", 1, halvings_of_eight="failed", halvings_of_one="timeout"),
        bench_package.case(digest, "NumberReplacer", 0),
    )
    code = shown.bench(known, chosen, limit=None, native=False, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["cases"], told["of"], told["failed"]) == (3, 3, [])
    assert [(one["case"], one["test"]) for one in told["misses"]] == [(0, f"{bench_package.TEST}halvings_of_one")]
    assert [(one["case"], one["test"]) for one in told["false_alarms"]] == [(0, f"{bench_package.TEST}within")]
    assert told["tests"]["micro"]["recall"] == 4 / 5
    assert told["pull_requests"]["precision"] == told["pull_requests"]["recall"] == 1
    assert told["hangs"] == {"labelled": 1, "found": 1, "named": 1}
    assert told["tests"]["always_pass"]["precision"] is None
    assert told["speed"] is None
    assert not (tmp_path / "none.sqlite").exists()


def test_a_pull_request_that_cannot_be_made_is_reported_and_the_others_are_scored(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = bench_package.kept(tmp_path, chosen.cache)
    known = listed(
        tmp_path,
        bench_package.case(digest, "AddNot", 9, below="failed"),
        bench_package.case(digest, "NumberReplacer", 0),
    )
    code = shown.bench(known, chosen, limit=None, native=False, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [one["case"] for one in told["failed"]] == [0]
    assert "no occurrence 9" in told["failed"][0]["why"]
    assert told["pull_requests"]["false_negatives"] == 1
    assert told["reviews"][1]["verdict"] in {"would_pass", "not_analysed"}


def test_times_are_taken_of_the_native_suite_and_of_empty_reviews(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = bench_package.kept(tmp_path, chosen.cache)
    known = listed(tmp_path, bench_package.case(digest, "AddNot", 0, below="failed", within="failed", above="failed"))
    environment = Path(sys.executable)
    monkeypatch.setattr(native, "environment", lambda *_, **__: environment)
    shown.bench(known, chosen, limit=None, native=True, as_json=False)
    printed = capsys.readouterr().out
    assert "Fixed cost, an empty review" in printed
    assert "halving==1.0" in printed
    assert "False alarms (0)" in printed


def test_a_package_that_cannot_be_timed_is_reported_and_still_scored(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    digest = bench_package.kept(tmp_path, chosen.cache)
    known = listed(tmp_path, bench_package.case(digest, "AddNot", 0, below="failed", within="failed", above="failed"))
    code = shown.bench(known, chosen, limit=None, native=True, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert "cannot be installed" in told["untimed"]["halving==1.0"]
    assert told["tests"]["micro"]["recall"] == 1


def test_without_sources_it_cannot_run(tmp_path: Path, chosen: settings.Settings) -> None:
    known = listed(tmp_path, bench_package.case("0" * 64, "AddNot", 0))
    with pytest.raises(errors.BenchError, match="not in the cache"):
        shown.bench(known, replace(chosen, offline=True), limit=None, native=False, as_json=True)
