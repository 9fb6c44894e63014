"""Resolving with the real pip against an index of files."""

import json
import time
from collections.abc import Sequence
from concurrent import futures
from pathlib import Path

import pytest

from gatekeeper.sandbox.installation import pip, requirement, resolution, resolver, solving
from tests.integration.wheel_index import WheelIndex

_LINUX = "cp314-cp314-manylinux_2_28_x86_64"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelIndex:
    return WheelIndex(tmp_path / "index", monkeypatch)


def _resolver(tmp_path: Path, *, offline: bool = False, said: list[str] | None = None) -> resolver.Resolver:
    progress = (said if said is not None else []).append
    return resolver.Resolver(tmp_path / "cache", offline=offline, provided={"pytest": "9.2.0"}, progress=progress)


def _wanted(*lines: str) -> list[requirement.Requirement]:
    parsed = [requirement.parse(line) for line in lines]
    return [item for item in parsed if isinstance(item, requirement.Requirement)]


def _names(found: resolution.Resolution) -> list[str]:
    return sorted(f"{item.name} {item.version}" for item in found.granted)


def test_pure_wheels_and_what_they_require_are_unpacked_into_one_folder(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha", "1.0")
    index.add("alpha", "2.0", requires=["beta>=1"])
    index.add("beta", requires=["gamma ; python_version < '3.12'", "delta ; python_version >= '3.14'"])
    index.add("gamma")
    index.add("delta")
    index.add("future", "1.0")
    said: list[str] = []

    found = _resolver(tmp_path, said=said).resolve(_wanted("alpha"))

    assert _names(found) == ["alpha 2.0", "beta 1.0", "delta 1.0"]
    assert found.site is not None
    assert (found.site / "alpha.py").read_text() == "VERSION = '2.0'\n"
    assert {path.name for path in found.site.glob("*.py")} == {"alpha.py", "beta.py", "delta.py"}
    assert dict(found.unavailable) == {}
    assert said == ["resolving 1 requirements", "downloading 3 wheels"]


def test_a_second_time_needs_no_index(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha")
    first = _resolver(tmp_path).resolve(_wanted("alpha", "nowhere"))
    index.empty()
    said: list[str] = []

    again = _resolver(tmp_path, said=said).resolve(_wanted("nowhere", "alpha"))

    assert again == first
    assert said == []
    assert _resolver(tmp_path, offline=True).resolve(_wanted("alpha", "nowhere")) == first


def test_an_old_answer_is_asked_for_again_and_kept_where_the_index_is_gone(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha", "1.0")
    first = _resolver(tmp_path).resolve(_wanted("alpha"))
    (entry,) = (tmp_path / "cache").rglob("*.json")
    entry.write_text(json.dumps({**json.loads(entry.read_text()), "until": time.time() - 1}))
    index.add("alpha", "2.0")

    assert _resolver(tmp_path, offline=True).resolve(_wanted("alpha")) == first
    assert _names(_resolver(tmp_path).resolve(_wanted("alpha"))) == ["alpha 2.0"]


def test_offline_without_an_answer_everything_is_unavailable_and_says_so(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha")

    found = _resolver(tmp_path, offline=True).resolve(_wanted("alpha>=1"))

    assert found.site is None
    assert dict(found.unavailable) == {"alpha": "requirements are not resolved: offline, and not in the cache"}


def test_a_compiled_wheel_takes_part_in_the_resolution_and_is_not_granted(index: WheelIndex, tmp_path: Path) -> None:
    index.add("native", "2.0", tag=_LINUX, requires=["beta"])
    index.add("beta")

    found = _resolver(tmp_path).resolve(_wanted("native"))

    assert _names(found) == ["beta 1.0"]
    assert dict(found.unavailable) == {"native": "native 2.0 has no pure-Python wheel"}


def test_of_a_release_with_both_kinds_of_wheel_the_pure_one_is_granted(index: WheelIndex, tmp_path: Path) -> None:
    index.add("both", "2.0", tag=_LINUX, files={"both.py": "compiled = True\n"})
    index.add("both", "2.0")

    found = _resolver(tmp_path).resolve(_wanted("both"))

    assert _names(found) == ["both 2.0"]
    assert found.site is not None
    assert "VERSION" in (found.site / "both.py").read_text()


def test_an_older_pure_release_of_the_series_stands_in_for_a_compiled_one(index: WheelIndex, tmp_path: Path) -> None:
    index.add("engine", "6.9", tag=_LINUX)
    index.add("engine", "6.8", requires=["beta"])
    index.add("engine", "5.0")
    index.add("beta")
    index.add("user", requires=["engine<7"])

    found = _resolver(tmp_path).resolve(_wanted("engine>=5", "user"))

    assert _names(found) == ["beta 1.0", "engine 6.8", "user 1.0"]
    assert "engine 6.9 has no pure-Python wheel: engine 6.8 stands in" in found.notes


def test_a_release_of_another_series_does_not_stand_in(index: WheelIndex, tmp_path: Path) -> None:
    index.add("engine", "6.9", tag=_LINUX)
    index.add("engine", "5.0")

    assert dict(_resolver(tmp_path).resolve(_wanted("engine")).unavailable) == {
        "engine": "engine 6.9 has no pure-Python wheel"
    }


def test_a_distribution_with_a_fallback_is_granted_without_its_compiled_modules(
    index: WheelIndex, tmp_path: Path
) -> None:
    index.add("MarkupSafe", "3.0", tag=_LINUX, files={"markupsafe/_speedups.cpython-314-x86_64-linux-gnu.so": "\x7f"})

    found = _resolver(tmp_path).resolve(_wanted("markupsafe"))

    assert found.granted[0].compiled == ("markupsafe._speedups",)
    assert found.notes == ("markupsafe 3.0 is granted without its compiled modules",)
    assert found.site is not None
    assert not list(found.site.rglob("*.so"))


def test_source_distributions_are_never_built(index: WheelIndex, tmp_path: Path) -> None:
    wheel = index.add("alpha")
    wheel.rename(wheel.with_name("alpha-1.0.tar.gz"))

    found = _resolver(tmp_path).resolve(_wanted("alpha"))

    assert dict(found.unavailable) == {
        "alpha": "alpha cannot be installed for Python 3.14: the index has no wheel of it"
    }


def test_a_plugin_that_needs_another_pytest_is_left_out(index: WheelIndex, tmp_path: Path) -> None:
    index.add("pytest", "9.2.0")
    index.add("pytest", "7.0")
    index.add("pytest-old", requires=["pytest<8"])
    index.add("pytest-new", requires=["pytest>=8"])

    found = _resolver(tmp_path).resolve(_wanted("pytest-new", "pytest-old"))

    assert _names(found) == ["pytest-new 1.0"]
    assert list(found.unavailable) == ["pytest-old"]


def test_what_the_tree_itself_provides_and_what_disturbs_is_not_granted(index: WheelIndex, tmp_path: Path) -> None:
    index.add("respx", requires=["httpx", "pytest-xdist"])
    index.add("httpx", requires=["h11"])
    index.add("h11")
    index.add("pytest-xdist")

    found = _resolver(tmp_path).resolve(_wanted("respx"), frozenset({"httpx"}))

    assert _names(found) == ["h11 1.0", "respx 1.0"]


def test_a_plugin_lists_what_it_lacks(index: WheelIndex, tmp_path: Path) -> None:
    plugin = {"pytest_thing-1.0.dist-info/entry_points.txt": "[pytest11]\nthing = pytest_thing\n"}
    index.add("pytest-thing", requires=["middle"], files=plugin)
    index.add("middle", requires=["native"])
    index.add("native", tag=_LINUX)

    found = _resolver(tmp_path).resolve(_wanted("pytest-thing"))

    (granted,) = [item for item in found.granted if item.name == "pytest-thing"]
    assert granted.plugins == ("thing",)
    assert granted.lacking == ("native",)


def test_a_plugin_that_needs_the_tree_itself_lacks_nothing(index: WheelIndex, tmp_path: Path) -> None:
    plugin = {"pytest_thing-1.0.dist-info/entry_points.txt": "[pytest11]\nthing = pytest_thing\n"}
    index.add("pytest-thing", requires=["mine"], files=plugin)
    index.add("mine")

    found = _resolver(tmp_path).resolve(_wanted("pytest-thing"), frozenset({"mine"}))

    assert [(item.name, item.lacking) for item in found.granted] == [("pytest-thing", ())]


def test_two_at_once_end_with_the_same_folder(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha")

    with futures.ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: _resolver(tmp_path).resolve(_wanted("alpha")), range(3)))

    assert found[0].site is not None
    assert found[0] == found[1] == found[2]
    assert not list((tmp_path / "cache").rglob(".draft-*"))


def test_the_cache_is_private_and_a_damaged_entry_is_asked_for_again(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha")
    first = _resolver(tmp_path).resolve(_wanted("alpha"))
    (entry,) = (tmp_path / "cache").rglob("*.json")
    entry.write_text(json.dumps({"granted": [{"name": 1}]}))

    assert _resolver(tmp_path).resolve(_wanted("alpha")) == first
    for folder in (tmp_path / "cache/requirements").iterdir():
        assert folder.stat().st_mode & 0o077 == 0


def test_a_cache_that_cannot_be_written_makes_everything_unavailable(index: WheelIndex, tmp_path: Path) -> None:
    index.add("alpha")
    (tmp_path / "cache").write_text("a file, not a folder")

    found = _resolver(tmp_path).resolve(_wanted("alpha"))

    assert "the cache cannot be written" in found.unavailable["alpha"]


def test_an_index_that_refuses_connections_is_told_and_not_remembered(
    index: WheelIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    said: list[str] = []

    found = _resolver(tmp_path, said=said).resolve(_wanted("alpha"))

    assert dict(found.unavailable) == {"alpha": "the package index cannot be reached"}
    assert not list((tmp_path / "cache").rglob("*.json"))


def test_a_wheel_that_is_gone_when_it_is_fetched_leaves_the_others(
    index: WheelIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = index.add("gone")
    index.add("alpha", tag="cp314-none-any")

    class Forgetful(pip.Pip):
        def download(self, releases: Sequence[solving.Release], folder: Path) -> bool:
            gone.unlink(missing_ok=True)
            return super().download(releases, folder)

    monkeypatch.setattr(pip, "Pip", Forgetful)
    found = _resolver(tmp_path).resolve(_wanted("gone", "alpha"))

    assert _names(found) == ["alpha 1.0"]
    assert dict(found.unavailable) == {"gone": "gone 1.0 cannot be downloaded: the index did not give it"}
    assert not list((tmp_path / "cache").rglob("*.json"))
