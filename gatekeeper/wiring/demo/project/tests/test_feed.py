import http.server
import threading

import pytest

from larder import feed


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"flour: 1.20\nmilk: 0.95\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def shop():
    """A shop on this machine, which publishes its prices."""
    with http.server.HTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_prices_are_fetched(shop):
    assert feed.fetch(shop) == {"flour": 1.2, "milk": 0.95}


def test_what_is_no_price_is_left_out():
    assert feed.read("Prices of today\nsalt: 0.4\n") == {"salt": 0.4}


@pytest.mark.parametrize(("now", "risen"), [(1.09, []), (1.1, ["milk"]), (2, ["milk"]), (0.5, [])])
def test_what_costs_a_tenth_more_has_risen(now, risen):
    assert feed.rises({"milk": 1.0}, {"milk": now, "salt": 9}) == risen
