import sys
from pathlib import Path

import pytest

from tests.acceptance import serving

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]
_HTML = {"Accept": "text/html"}


def test_the_report_is_open_on_this_machine_when_asked_for(tmp_path: Path) -> None:
    with serving.serving(tmp_path, {}, "--open") as service:
        service.until_ready()

        page = service.ask("/", headers=_HTML)
        assert (page.status, "Gatekeeper" in page.text) == (200, True)
        assert service.ask("/", headers=_HTML | {"Host": "evil.example"}).status == 403
        assert service.ask("/setup", headers=_HTML).status == 404
        said = "".join(service.said)
        assert "everything that is recorded" in said
        assert "/setup?token=" not in said
        assert not any("worker" in command or "broker" in command for command in service.processes().values())


def test_it_does_not_start_where_others_would_reach_it(tmp_path: Path) -> None:
    port = serving.free_port()
    with serving.serving(tmp_path, {"GATEKEEPER_LISTEN": f"0.0.0.0:{port}"}, "--open") as service:
        assert service.ended() == 2
        assert "not this machine alone" in service.log.read_text()
