import pytest

from webhooks import signature

# "Validating webhook deliveries" in GitHub's documentation
_SECRET = b"It's a Secret to Everybody"
_BODY = b"Hello, World!"
_HEADER = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_example_of_the_documentation_is_signed_as_it_says() -> None:
    assert signature.sign(_SECRET, _BODY) == _HEADER


@pytest.mark.parametrize("secrets", [[_SECRET], [_SECRET, b"next"], [b"former", _SECRET], (b"a", b"b", _SECRET)])
def test_any_of_the_secrets_will_do(secrets: list[bytes]) -> None:
    assert signature.verify(_BODY, _HEADER, secrets)


def test_a_secret_that_is_not_kept_will_not_do() -> None:
    assert not signature.verify(_BODY, _HEADER, [b"former", b"next"])


def test_another_body_is_not_signed() -> None:
    assert not signature.verify(_BODY + b"\n", _HEADER, [_SECRET])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        _HEADER[:-1],
        f"{_HEADER} ",
        _HEADER.upper(),
        _HEADER.removeprefix("sha256="),
        _HEADER.replace("sha256", "sha1"),
        "sha256=ü" * 9,
        "\udcff",
    ],
)
def test_what_is_no_signature_is_refused(header: str | None) -> None:
    assert not signature.verify(_BODY, header, [_SECRET])


@pytest.mark.parametrize("secrets", [[], [b""], [_SECRET, b""]])
def test_without_a_secret_nothing_is_verified(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="missing or empty"):
        signature.verify(_BODY, _HEADER, secrets)


def test_with_an_empty_secret_nothing_is_signed() -> None:
    with pytest.raises(ValueError, match="missing or empty"):
        signature.sign(b"", _BODY)
