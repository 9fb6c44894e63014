"""What CI uploads and logs, made for tests."""


def junit(*names: str, failed: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return the files of an artifact with one report of these tests."""
    cases = "".join(
        f'<testcase classname="tests.test_calc" name="{name}" time="0.1">'
        + ('<failure message="assert 1 == 2">E</failure>' if name in failed else "")
        + "</testcase>"
        for name in names
    )
    suite = f'<testsuite name="pytest" tests="{len(names)}" failures="{len(failed)}">{cases}</testsuite>'
    return {"junit.xml": f'<?xml version="1.0" encoding="utf-8"?><testsuites>{suite}</testsuites>'.encode()}


def log(*failed: str, passed: int = 3) -> bytes:
    """Return the log of a job that ran pytest."""
    lines = [
        "============================= test session starts ==============================",
        "collected 4 items",
        "",
    ]
    if failed:
        lines.append("=========================== short test summary info ============================")
        lines += [f"FAILED tests/test_calc.py::{name} - assert 1 == 2" for name in failed]
        lines.append(
            f"========================= {len(failed)} failed, {passed} passed in 0.12s ========================="
        )
    else:
        lines.append(f"============================== {passed} passed in 0.12s ===============================")
    return "".join(f"2026-11-21T12:00:00.1234567Z {line}\n" for line in lines).encode()
