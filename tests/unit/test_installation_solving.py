from collections.abc import Sequence

from packaging import requirements

from gatekeeper.sandbox.installation import requirement, solving


def _wanted(*lines: str) -> list[requirement.Requirement]:
    parsed = [requirement.parse(line) for line in lines]
    return [item for item in parsed if isinstance(item, requirement.Requirement)]


def _release(name: str, version: str = "1.0", *requires: str, file: str | None = None) -> solving.Release:
    return solving.Release(
        name=name,
        version=version,
        file=file or f"{name}-{version}-py3-none-any.whl",
        sha256="0" * 64,
        requires=requires,
    )


class Index:
    """Answers as pip does, for releases without alternatives; remembers what it was asked."""

    def __init__(self, *releases: solving.Release, silent: bool = False) -> None:
        self._releases = {release.name: release for release in releases}
        self._silent = silent
        self.asked: list[list[str]] = []

    def __call__(self, lines: Sequence[str]) -> solving.Answer:
        self.asked.append([*lines])
        found: dict[str, solving.Release] = {}
        pending = [requirements.Requirement(line) for line in lines]
        while pending:
            item = pending.pop(0)
            release = self._releases.get(requirement.canonical(item.name))
            if release is None or not item.specifier.contains(release.version):
                silence = f"ERROR: No matching distribution found for {item}" if not self._silent else "ERROR: sorry"
                return solving.Impossible(message=f"ERROR: (from versions: none)\n{silence}")
            if release.name not in found:
                found[release.name] = release
                # like pip, by the markers of the Python that it runs on
                inner = (requirements.Requirement(line) for line in release.requires)
                pending += [it for it in inner if it.marker is None or it.marker.evaluate({"python_version": "3.11"})]
        return tuple(found.values())


def test_one_question_is_enough_where_everything_holds_together() -> None:
    index = Index(_release("freezegun", "1.5", "python-dateutil>=2"), _release("python-dateutil", "2.9"))

    found = solving.solve(_wanted("freezegun", 'tomli ; python_version < "3.11"'), index)

    assert [release.name for release in found.releases] == ["freezegun", "python-dateutil"]
    assert (found.unavailable, found.notes) == ({}, ())
    assert index.asked == [["freezegun"]]


def test_what_only_the_guests_markers_ask_for_is_asked_for_and_the_hosts_is_left_out() -> None:
    index = Index(
        _release("a", "1", "old ; python_version < '3.12'", "new ; python_version >= '3.14'"),
        _release("old"),
        _release("new"),
    )

    found = solving.solve(_wanted("a"), index)

    assert [release.name for release in found.releases] == ["a", "new"]
    assert index.asked == [["a"], ["a", "new"]]


def test_a_version_that_is_not_there_is_loosened_and_a_distribution_that_is_not_there_left_out() -> None:
    index = Index(_release("freezegun", "1.5"), _release("six"))

    found = solving.solve(_wanted("six", "freezegun==0.1", "nowhere"), index)

    assert [release.name for release in found.releases] == ["six", "freezegun"]
    assert found.unavailable == {"nowhere": "nowhere cannot be installed for Python 3.14: the index has no wheel of it"}
    assert found.notes == ("freezegun==0.1 cannot be met for Python 3.14: any version is taken",)


def test_the_culprit_is_found_where_the_message_does_not_name_it() -> None:
    index = Index(_release("a"), _release("b"), _release("c", "1", "nowhere"), _release("d"), silent=True)

    found = solving.solve(_wanted("a", "b", "c", "d"), index)

    assert [release.name for release in found.releases] == ["a", "b", "d"]
    assert list(found.unavailable) == ["c"]


def test_of_two_that_contradict_each_other_the_less_sure_gives_way() -> None:
    def index(lines: Sequence[str]) -> solving.Answer:
        if "starlette==0.41" in lines and "anyio<3" in lines:
            return solving.Impossible(
                message="ERROR: Cannot install anyio<3 and starlette==0.41 because these package versions have "
                "conflicting dependencies.\n\nThe conflict is caused by:\n    starlette 0.41 depends on anyio>=3\n"
            )
        return tuple(_release(requirement.canonical(line.split("=")[0].split("<")[0])) for line in lines)

    found = solving.solve(_wanted("starlette==0.41", "anyio<3"), index)

    assert [release.name for release in found.releases] == ["starlette", "anyio"]
    assert found.notes == ("anyio<3 cannot be met for Python 3.14: any version is taken",)


def test_an_index_out_of_reach_makes_everything_unavailable_and_the_answer_not_worth_keeping() -> None:
    found = solving.solve(
        _wanted("a", "b"), lambda _: solving.Unreachable(message="the package index cannot be reached")
    )

    assert found.unavailable == dict.fromkeys(("a", "b"), "the package index cannot be reached")
    assert found.unreachable


def test_questions_end_where_nothing_helps() -> None:
    asked = []

    def index(lines: Sequence[str]) -> solving.Answer:
        asked.append(lines)
        return solving.Impossible(message="no")

    found = solving.solve(_wanted(*(f"p{number}>1" for number in range(60))), index)

    assert found.releases == ()
    assert len(asked) <= 40
    assert len(found.unavailable) == 60


def test_invalid_markers_and_versions_are_left_out() -> None:
    found = solving.solve(_wanted("a ; nonsense", "b==x.y", "c"), Index(_release("c")))

    assert [release.name for release in found.releases] == ["c"]
    assert found.notes == (
        "a ; nonsense is left out: it is not a valid requirement",
        "b==x.y is left out: it is not a valid requirement",
    )


def test_a_stand_in_is_asked_for_below_the_resolved_release_within_what_all_require() -> None:
    resolved = [_release("hypothesis", "6.170.15"), _release("other", "1", "hypothesis!=6.150", "six")]

    line = solving.up_to(resolved[0], _wanted("hypothesis>=6.100"), resolved)

    assert line == "hypothesis!=6.150,<=6.170.15,>=6,>=6.100"


def test_the_closure_follows_extras() -> None:
    answer = [
        _release("a", "1", "b[fast]"),
        _release("b", "1", "c ; extra == 'fast'", "d ; extra == 'slow'"),
        _release("c"),
        _release("d"),
    ]

    kept, missing = solving.closure(answer, ["a", "e>1"])

    assert [release.name for release in kept] == ["a", "b", "c"]
    assert missing == ("e>1",)
