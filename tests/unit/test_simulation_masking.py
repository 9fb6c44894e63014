import pytest

from gatekeeper.simulation import masking


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "'abc'"),
        ("api_token", "'x'"),
        ("token", "'0123456789abcdef'"),
        ("SECRET_KEY", "b'k'"),
        ("", "'ghp_" + "a" * 30 + "'"),
    ],
)
def test_what_may_be_a_secret_is_masked(name: str, value: str) -> None:
    assert masking.masked(name, value) == masking.MASK


@pytest.mark.parametrize(
    ("name", "value"), [("floor_token", "'<'"), ("token", "12345678901"), ("password", "None"), ("name", "'abc'")]
)
def test_what_explains_a_failure_and_is_no_secret_is_kept(name: str, value: str) -> None:
    assert masking.masked(name, value) == value
