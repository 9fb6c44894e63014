"""Downloads of artifacts and logs, to which GitHub leads by addresses of other hosts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.forge import ci_download, ci_run
from gatekeeper.outcomes import archives, job
from tests.fakes.github import ci, faults
from tests.integration import ci_content, forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


def _planned() -> ci.Planned:
    return ci.Planned(artifacts={"junit": ci_content.junit("t")}, log=None)


def _read(here: forge_setting.Setting, planned: ci.Planned) -> job.Report:
    """Return what the only job reported."""
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    here.world.ci.run(here.hello, sha, planned, event="push")
    return _again(here, sha)


def _again(here: forge_setting.Setting, sha: str) -> job.Report:
    (run,) = here.forge.ci.runs(here.place, sha)
    (found,) = here.forge.ci.of_run(here.place, run, frozenset()).jobs
    return found.report


def _stored(here: forge_setting.Setting) -> list[str]:
    """Return the paths that were asked for outside of the API."""
    return [entry.call.path for entry in here.world.log if entry.call.path.startswith(("/storage", "/elsewhere"))]


def test_a_download_is_asked_for_without_our_token(here: forge_setting.Setting) -> None:
    # the double's storage refuses whoever sends one, as the real one does
    assert _read(here, _planned()).source is job.Source.REPORT

    (entry,) = [entry for entry in here.world.log if entry.call.path.startswith("/storage/")]
    assert (entry.status, entry.token) == (200, "")
    assert ("GET download", 200) in here.observed


def test_a_repository_that_was_renamed_leads_to_its_downloads(here: forge_setting.Setting) -> None:
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    here.world.ci.run(here.hello, sha, _planned(), event="push")
    here.world.rename(here.hello, "renamed")

    assert _again(here, sha).source is job.Source.REPORT


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "http://example.com/storage",
        "ftp://127.0.0.1/storage",
        "file:///etc",
        "https://user:secret@127.0.0.1/storage",
        "//127.0.0.1/storage",
        "https://",
        "javascript:alert(1)",
    ],
)
def test_no_other_address_is_followed(here: forge_setting.Setting, address: str) -> None:
    here.world.storage.url = address

    found = _read(here, _planned())

    assert (found.source, found.tests) == (job.Source.NONE, ())
    assert "address" in found.why
    assert "secret" not in found.why
    assert _stored(here) == []


def test_a_store_that_leads_on_is_not_followed(here: forge_setting.Setting) -> None:
    here.world.storage.url = f"{here.world.base_url}/elsewhere"

    found = _read(here, _planned())

    assert "leads on to another place" in found.why
    assert [path.split("/")[1] for path in _stored(here)] == ["elsewhere"]


def test_an_artifact_that_says_it_is_too_large_is_not_asked_for(here: forge_setting.Setting) -> None:
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    made = here.world.ci.run(here.hello, sha, _planned(), event="push")
    made.artifacts[0].size = 60 << 20

    found = _again(here, sha)

    assert found.why.startswith("the artifact 'junit' has 60 MB, more than the 50 that are read")
    assert _stored(here) == []


@pytest.mark.parametrize(("announces", "packs"), [(True, False), (False, False), (True, True)])
def test_an_artifact_that_is_larger_than_it_said_is_not_read(
    here: forge_setting.Setting, monkeypatch: pytest.MonkeyPatch, *, announces: bool, packs: bool
) -> None:
    monkeypatch.setattr(archives, "ARTIFACT", 150_000)
    here.world.storage.announces, here.world.storage.packs = announces, packs
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    planned = ci.Planned(artifacts={"junit": b"PK" + bytes(200_000)}, log=None)
    made = here.world.ci.run(here.hello, sha, planned, event="push")
    made.artifacts[0].size = 100

    assert "it is larger than the 0 MB that are read" in _again(here, sha).why


@pytest.mark.parametrize(("announces", "packs"), [(False, False), (True, True)])
def test_an_artifact_is_read_however_the_store_gives_it(
    here: forge_setting.Setting, *, announces: bool, packs: bool
) -> None:
    here.world.storage.announces, here.world.storage.packs = announces, packs

    assert _read(here, _planned()).source is job.Source.REPORT


@pytest.mark.parametrize(("says", "why"), [("br", "packed by br"), ("gzip", "cannot be unpacked")])
def test_what_is_packed_otherwise_is_a_reason(here: forge_setting.Setting, says: str, why: str) -> None:
    here.world.storage.says = says

    assert why in _read(here, _planned()).why


def test_a_download_that_takes_too_long_is_given_up(
    here: forge_setting.Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ci_download, "_PATIENCE", -1.0)

    with pytest.raises(errors.UnavailableError, match="took longer"):
        _read(here, _planned())


def test_of_a_long_log_the_end_is_read(here: forge_setting.Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ci_run, "_LOG_BYTES", 2_000)
    noise = b"2026-11-21T12:00:00.1234567Z noise\n" * 1_000

    found = _read(here, ci.Planned(conclusion="failure", log=noise + ci_content.log("test_b")))

    assert (found.source, [test.name for test in found.tests]) == (job.Source.SUMMARY, ["test_b"])
    assert "of its log the last" in found.why


def test_a_long_log_of_which_no_part_is_given_is_not_read(
    here: forge_setting.Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ci_run, "_LOG_BYTES", 2_000)
    here.world.storage.parts = False

    found = _read(here, ci.Planned(log=bytes(5_000)))

    assert "its log was not read: it is larger than" in found.why


def test_an_expired_artifact_and_a_deleted_log_are_reasons(here: forge_setting.Setting) -> None:
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    made = here.world.ci.run(here.hello, sha, _planned(), event="push")
    made.artifacts[0].expired = True

    found = _again(here, sha)

    assert found.source is job.Source.NONE
    assert found.why.startswith("the artifact 'junit' has expired; its log was not read: GitHub has nothing there")


def test_an_artifact_that_expires_meanwhile_is_a_reason(here: forge_setting.Setting) -> None:
    gone = faults.Fault(status=410, message="Artifact has expired")
    here.world.faults = lambda call: gone if call.path.endswith("/zip") else None

    assert "'junit' was not read: GitHub has nothing there" in _read(here, _planned()).why


@pytest.mark.parametrize(("status", "why"), [(403, "refuses it"), (404, "no longer has it"), (410, "no longer has it")])
def test_what_the_store_does_not_give_is_a_reason(here: forge_setting.Setting, status: int, why: str) -> None:
    fault = faults.Fault(status=status)
    here.world.faults = lambda call: fault if call.path.startswith("/storage") else None

    assert why in _read(here, _planned()).why


@pytest.mark.parametrize(
    "fault", [faults.server_error(503), faults.Fault(status=429), faults.reset(), faults.slow(0.0)]
)
def test_a_store_that_is_out_of_order_is_asked_again(here: forge_setting.Setting, fault: faults.Fault) -> None:
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    here.world.ci.run(here.hello, sha, _planned(), event="push")
    broken = [True]
    here.world.faults = lambda call: fault if broken and call.path.startswith("/storage") else None

    with pytest.raises(errors.UnavailableError) as caught:
        _again(here, sha)
    broken.clear()

    assert "/storage/" not in str(caught.value)
    assert _again(here, sha).source is job.Source.REPORT


def test_an_archive_that_is_none_is_a_reason(here: forge_setting.Setting) -> None:
    found = _read(here, ci.Planned(artifacts={"junit": b"no zip at all"}, log=None))

    assert found.source is job.Source.NONE
    assert "archive cannot be read" in found.why


def test_no_more_artifacts_are_read_than_a_run_may_have(
    here: forge_setting.Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ci_run, "_MOST_ARTIFACTS", 3)
    names = ("other", "junit-0", "junit-1", "junit-2", "another")
    artifacts = {name: ci_content.junit(f"test of {name}") for name in names}

    found = _read(here, ci.Planned(artifacts=artifacts))

    # those whose names say that they are reports come first
    assert {test.name for test in found.tests} == {f"test of junit-{number}" for number in range(3)}
    assert found.why.count("was not read: the run has too many") == 2
