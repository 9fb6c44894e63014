from gatekeeper.web import app, health


def test_a_process_is_alive_whatever_it_lacks() -> None:
    asked = []

    def gone() -> str:
        asked.append("database")
        return "gone"

    client = app.create_app([health.blueprint({"database": gone})]).test_client()

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json, asked) == (200, {"status": "alive"}, [])


def test_a_service_is_ready_when_all_parts_are_well() -> None:
    client = app.create_app([health.blueprint({"database": lambda: None, "worker": lambda: None})]).test_client()

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "parts": {"database": "ok", "worker": "ok"}}


def test_what_is_not_ready_is_named() -> None:
    checks = {"database": lambda: None, "worker": lambda: "none was heard of"}
    answer = app.create_app([health.blueprint(checks)]).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "parts": {"database": "ok", "worker": "none was heard of"}}
