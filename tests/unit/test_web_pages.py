"""The pages over made-up values: what they show, what they escape, what they refuse."""

import re
import time
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import flask
import pytest
from flask.testing import FlaskClient

from gatekeeper import offers
from gatekeeper.verdicts import verdict
from gatekeeper.views import audience as audiences
from gatekeeper.views import overview as overviews
from gatekeeper.views import reviews
from gatekeeper.web import access, pages
from gatekeeper.web.pages import frame
from tests import web_samples, web_setting

REVIEW = f"/reviews/{web_samples.REVIEW}"
PAGES = ("/", "/repositories/7", "/reviews", REVIEW, f"{REVIEW}/tests/13", f"{REVIEW}/tests/13?step=3", "/work")
# HTML's elements without content
_VOID = {"meta", "br", "hr", "img", "input", "link", "source", "rect"}


class _Page(HTMLParser):
    """Elements with their attributes' names, and text; fails where the elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.titles = 0
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop() == tag


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return web_setting.application(web_setting.queries()).test_client()


def _body(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_nests_has_one_heading_of_the_first_level_and_no_id_twice(client: FlaskClient, path: str) -> None:
    page = _Page(_body(client, path))

    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    elements = [tag for tag, _ in page.shape]
    assert elements.count("main") == elements.count("title") == 1
    assert {"header", "nav", "footer"} <= set(elements)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_script_and_no_style_of_its_own(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["Content-Security-Policy"] == frame.POLICY
    assert "unsafe" not in frame.POLICY
    assert re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=|javascript:", answer.text) is None


@pytest.mark.parametrize("path", PAGES)
def test_text_of_a_pull_request_adds_nothing_to_a_page_but_text(client: FlaskClient, path: str) -> None:
    hostile = web_setting.application(web_setting.queries(web_samples.poisoned)).test_client()

    plain, attacked = _Page(_body(client, path)), _body(hostile, path)

    assert "document.title" in attacked
    assert set(_Page(attacked).shape) <= set(plain.shape)
    assert "\x1b" not in attacked
    assert "\u202e" not in attacked
    assert "{{ 7 * 7 }}" in attacked


def test_what_is_not_there_or_may_not_be_seen_is_404(client: FlaskClient) -> None:
    missing = ("/repositories/8", "/reviews/0000", f"{REVIEW}/tests/999", f"{REVIEW}/tests/x", "/reviews/%00", "/other")

    assert {client.get(path).status_code for path in missing} == {404}


def test_whoever_is_not_signed_in_is_sent_to_sign_in() -> None:
    nobody = web_setting.application(web_setting.queries(), access.NOBODY).test_client()

    answers = [nobody.get(path) for path in PAGES]

    assert {answer.status_code for answer in answers} == {303}
    assert all(answer.headers["Location"].startswith("/sign-in") for answer in answers)


def test_work_is_shown_to_administrators_alone() -> None:
    reader = web_setting.application(web_setting.queries(), web_setting.ADA).test_client()

    assert reader.get("/work").status_code == 404
    assert 'href="/work"' not in reader.get("/").text
    assert "Sign out" in reader.get("/").text


def test_queries_are_asked_with_the_viewers_audience() -> None:
    seen: list[audiences.Audience] = []
    asked = web_setting.queries()

    def overview(audience: audiences.Audience, days: int, _: datetime) -> overviews.Overview:
        seen.append(audience)
        return web_samples.overview_page(days)

    changed = replace(asked, overview=overview)
    web_setting.application(changed, web_setting.ADA).test_client().get("/")

    assert seen == [web_setting.ADA.audience]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/?days=12", "days"),
        ("/reviews?repository=x", "repository"),
        ("/reviews?conclusion=perhaps", "conclusion"),
        ("/reviews?first=yesterday", "first"),
        ("/reviews?after=nowhere", "after"),
        ("/reviews?pull=99999999999999", "pull"),
        ("/reviews?sha=%00", "sha"),
        ("/repositories/7?first=2026-11-02&last=2026-11-01", "window"),
        (f"{REVIEW}?show=everything", "show"),
        (f"{REVIEW}?from=-1", "from"),
        (f"{REVIEW}/tests/13?step=one", "step"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_by_name(client: FlaskClient, address: str, name: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 400
    assert name in answer.text


def test_filters_of_the_list_are_in_the_address_and_in_its_links(client: FlaskClient) -> None:
    body = _body(client, "/reviews?repository=7&conclusion=would_fail&result=false_alarm&sha=b81c")

    assert '<option value="would_fail" selected>' in body
    assert '<option value="false_alarm" selected>' in body
    assert 'href="/reviews.csv?repository=7&amp;conclusion=would_fail&amp;result=false_alarm&amp;sha=b81c"' in body
    assert re.search(r'href="/reviews\?repository=7[^"]*sha=b81c&amp;after=2026[^"]*" rel="next"', body)


def test_the_next_page_of_the_list_begins_where_its_link_says() -> None:
    cursors: list[reviews.Cursor | None] = []
    asked = web_setting.queries()

    def listed(
        audience: audiences.Audience, chosen: reviews.Filter, cursor: reviews.Cursor | None, limit: int
    ) -> reviews.ReviewsPage:
        cursors.append(cursor)
        return asked.reviews(audience, chosen, cursor, limit)

    changed = replace(asked, reviews=listed)
    client = web_setting.application(changed).test_client()
    link = re.search(r'href="(/reviews\?after=[^"]+)"', client.get("/reviews").text)
    assert link
    client.get(link[1].replace("&amp;", "&"))

    assert cursors == [None, web_samples.reviews_page(reviews.Filter()).following]


def test_what_differs_from_ci_stands_first_among_the_tests(client: FlaskClient) -> None:
    body = _body(client, REVIEW)
    rows = re.findall(r'<tr class="(\w+)">.*?<code>([^<]+)</code></a>', body, re.DOTALL)

    assert [kind for kind, _ in rows][:3] == ["missed", "false_alarm", "failing"]
    assert rows[0][1] == "tests/test_split.py::test_even[101-3]"
    assert rows[1][1] == "tests/test_split.py::test_order_of_people"


def test_flaky_outcomes_are_shown_and_do_not_count_as_missed(client: FlaskClient) -> None:
    body = _body(client, f"{REVIEW}?find=test_even[0-1]")

    assert "flaky, not counted" in body
    assert body.count("≠") == 0


def test_a_review_of_five_thousand_tests_is_paged_with_its_failures_first() -> None:
    client = web_setting.application(web_setting.queries(tests=5_000)).test_client()
    _body(client, REVIEW)
    begun = time.perf_counter()
    body = _body(client, REVIEW)
    seconds = time.perf_counter() - begun

    assert body.count('class="test"') == 100
    assert body.index("test_even[101-3]</code></a>") < body.index("test_more")
    assert f'href="{REVIEW}?show=&amp;find=&amp;from=100#tests"' in body
    assert len(body) < 150_000
    assert seconds < 2
    last = _body(client, f"{REVIEW}?from=5000")
    assert "5,001 to 5,023 of 5,023" in last
    assert _body(client, f"{REVIEW}?find=test_number[4999]").count('class="test"') == 1


def test_a_review_whose_tests_all_fail_alike_stays_small() -> None:
    page = web_samples.review_page()
    failing = page.done.predictions[13]
    alike = tuple(replace(failing, test=f"tests/test_many.py::test_number[{number}]") for number in range(5_000))
    broken = replace(page, done=replace(page.done, predictions=alike), outcomes={})
    client = web_setting.application(replace(web_setting.queries(), review=lambda *_: broken)).test_client()

    body = _body(client, REVIEW)

    assert "and 4950 more, among the affected tests" in body
    assert "1 to 100 of 5,000" in body
    assert len(body) < 150_000


def test_the_viewer_opens_at_the_first_difference_and_goes_to_any_step(client: FlaskClient) -> None:
    path = f"{REVIEW}/tests/13"

    assert "The first difference" in _body(client, path)
    assert "<strong>Step 8</strong>" in _body(client, path)
    assert "<strong>Step 1</strong>" in _body(client, f"{path}?step=1")
    assert "<strong>Step 9</strong>" in _body(client, f"{path}?step=400")
    for step in range(1, 10):
        assert f'href="{path}?step={step}#viewer"' in _body(client, path)


def test_a_long_trace_says_where_frames_were_not_kept() -> None:
    client = web_setting.application(web_setting.queries(steps=240)).test_client()

    body = _body(client, f"{REVIEW}/tests/13?step=245")

    assert "1,234 steps before this one were not kept" in body
    assert "<strong>Frame 1,479</strong>" in body


def test_pages_are_quick_to_make(client: FlaskClient) -> None:
    long_run = web_setting.application(web_setting.queries(steps=240)).test_client()
    asked = [*((client, path) for path in PAGES), (long_run, f"{REVIEW}/tests/13?step=100")]
    for one, path in asked:
        _body(one, path)
        begun = time.perf_counter()
        _body(one, path)
        # measured: at most 50 ms; the limit is for busy machines
        assert time.perf_counter() - begun < 1, path


def test_files_are_served_by_digest_and_kept_for_ever(client: FlaskClient) -> None:
    body = _body(client, "/")
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', body)

    assert {path.rpartition("/")[2] for path in found} == {"pages.css", "keys.js", "htmx.js", "sign.svg"}
    for path in found:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/0000000000000000/pages.css").status_code == 404
    assert client.get(f"{found[0].rpartition('/')[0]}/../../app.py").status_code == 404


def test_empty_pages_say_how_outcomes_come() -> None:
    asked = web_setting.queries()
    none = replace(web_samples.overview_page(), lines=(), figures=None, made=None)
    unmeasured = replace(
        web_samples.repository_page(), scored=(), trend=(), standings=(), changes=(), calibrators=(), uncounted={},
        slowest=(), flakiest=(), most_often_wrong=(), labelled=None, authority=None, why_authority="",
    )  # fmt: skip
    empty = replace(web_samples.reviews_page(reviews.Filter()), lines=(), following=None)
    alone = replace(web_samples.prediction_page(), executed=None, imagined=None, outcome=None, last_outcome=None)
    unsettled = replace(
        web_samples.review_page(), settled=None, outcomes={}, jobs=(), offered=offers.Offers(), fates=(), authority=None
    )
    changed = pages.Queries(
        overview=lambda *_: none,
        repository=lambda *_: unmeasured,
        plotted=asked.plotted,
        reviews=lambda _, chosen, *__: replace(empty, filter=chosen),
        review=lambda *_: unsettled,
        prediction=lambda *_: alone,
        work=asked.work,
    )
    client = web_setting.application(changed).test_client()

    assert "No repository yet" in _body(client, "/")
    assert "gatekeeper outcomes upload" in _body(client, "/repositories/7")
    assert "No review yet" in _body(client, "/reviews")
    assert "No review fits" in _body(client, "/reviews?sha=abc")
    assert "gatekeeper outcomes upload" in _body(client, REVIEW)
    assert "No trace was kept" in _body(client, f"{REVIEW}/tests/13")


def test_failures_look_like_pages_for_browsers_and_are_data_for_programs() -> None:
    from gatekeeper.web import app
    from gatekeeper.web.pages import failures

    def look(code: int, reason: str) -> flask.Response | None:
        return failures.page(code, reason) if failures.wanted(flask.request) else None

    service = app.create_app([pages.files()], look=look).test_client()
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    shown = service.get("/nowhere", headers=browser)
    assert (shown.status_code, shown.content_type) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in shown.text
    _Page(shown.text)
    assert service.get("/nowhere").is_json
    assert service.get("/api/nowhere", headers=browser).is_json
    for code in (400, 403, 404, 429, 500, 503, 418):
        with service.application.test_request_context("/"):
            assert failures.page(code, "because").status_code == code


def test_a_review_shows_what_became_of_each_fix(client: FlaskClient) -> None:
    body = _body(client, REVIEW)
    fixes = re.findall(r'<span class="fate (\w+)">([^<]+)</span>', body)

    assert fixes == [
        ("applied", "applied at c0ffee1234 by ada; CI passed with it"),
        ("ignored", "ignored"),
        ("offered", "offered"),
    ]
    assert body.index("The last resort: undoing") < body.index('<span class="fate offered">')


def test_a_review_shows_where_the_fault_is_and_a_test_of_what_none_reaches(client: FlaskClient) -> None:
    body = _body(client, REVIEW)

    assert "base: return [34, 33, 33] \N{MIDDLE DOT} head: return [34]" in body
    assert "def test_settle():" in body
    assert body.index('id="findings"') < body.index('id="proposed"')
    assert body.count('<figure class="growth">') == 2


def test_a_review_without_a_verdict_for_want_of_tests_begins_with_those_proposed() -> None:
    page = web_samples.review_page()
    lacking = verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason="no test reaches ledger.split.settle")
    unreached = replace(page, done=replace(page.done, verdict=lacking))
    client = web_setting.application(replace(web_setting.queries(), review=lambda *_: unreached)).test_client()

    body = _body(client, REVIEW)

    assert body.index('id="proposed"') < body.index('id="findings"')


@pytest.mark.parametrize("path", ["/", "/repositories/7"])
def test_what_became_of_fixes_stands_beside_accuracy_by_source(client: FlaskClient, path: str) -> None:
    body = _body(client, path)
    rows = re.findall(
        r"<th scope=\"row\">(small edits|written by the model|undoing[^<]*)</th>(.*?)</tr>", body, re.DOTALL
    )
    numbers = {name: [int(found) for found in re.findall(r'class="number">(\d+)', cells)] for name, cells in rows}

    assert numbers == {
        "small edits": [31, 12, 14, 5, 9, 1, 2],
        "written by the model": [8, 2, 6, 0, 2, 0, 0],
        "undoing, the last resort": [11, 0, 9, 2, 0, 0, 0],
    }


def test_where_no_fix_was_offered_there_are_no_figures_of_them() -> None:
    none = replace(web_samples.repository_page(), fixes=())
    client = web_setting.application(replace(web_setting.queries(), repository=lambda *_: none)).test_client()

    assert "What became of fixes" not in _body(client, "/repositories/7")
