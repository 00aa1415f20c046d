"""The download against a server on this machine that fails in every way it can."""

import contextlib
import gzip
import hashlib
import http.server
import logging
import re
import threading
import time

import pytest

from rnnedu import _download, datasets, load_ibm

# pooch leaves the connection of a failed download to the garbage collector, which
# complains whenever it comes by. The connection is closed all the same.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
    "ignore:unclosed <socket:ResourceWarning",
)

GOOD = b"Date,High\n" + b"".join(b"2012-01-%02d,%d.5\n" % (d, d) for d in range(1, 29))


class Handler(http.server.BaseHTTPRequestHandler):
    """Each path is a way to answer."""

    def do_GET(self):
        way = self.path.strip("/")
        if way == "missing":
            self.send_error(404)
            return
        if way == "hangs":
            self.server.over.wait(30)
            return
        if way.startswith("to-"):
            target = {"to-file": "file:///etc/passwd", "to-itself": self.path}[way]
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        self.send_response(200)
        if way in ("bomb", "packed"):
            content = bytes(200_000_000) if way == "bomb" else GOOD
            packed = gzip.compress(content, compresslevel=1)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(packed)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(packed)
            return
        if way == "endless":
            self.end_headers()
            with contextlib.suppress(OSError):
                while not self.server.over.is_set():
                    self.server.sent += self.wfile.write(bytes(65_536))
            return
        self.send_header("Content-Length", str(len(GOOD) * (2 if way == "longer" else 1)))
        self.end_headers()
        if way in ("good", "longer"):
            self.wfile.write(GOOD)
        elif way == "lies":
            self.wfile.write(GOOD.replace(b"1.5", b"9.5", 1))
        elif way == "truncates":
            self.wfile.write(GOOD[: len(GOOD) // 2])
        elif way == "drips":
            for byte in GOOD:
                if self.server.over.wait(0.1):
                    return
                self.wfile.write(bytes([byte]))

    def log_message(self, *_):
        pass


@pytest.fixture
def copies(monkeypatch):
    """Serve copies that answer in the ways named, and look for the file there."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.over, server.sent = threading.Event(), 0
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    sha256 = hashlib.sha256(GOOD).hexdigest()

    def use(*ways):
        monkeypatch.delenv("RNNEDU_DATA", raising=False)
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(_download, "MIRRORS", {f"{address}/{w}": sha256 for w in ways})
        monkeypatch.setattr(_download, "KNOWN", frozenset([sha256]))

    use.server = server
    yield use
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def kept(tmp_path):
    return sorted(p.name for p in (tmp_path / "cache" / "prices").iterdir())


def test_the_first_copy_that_has_it_is_kept_for_the_next_time(copies, tmp_path, caplog):
    copies("good", "missing")
    assert load_ibm().attrs["source"] == "download"
    assert kept(tmp_path) == [datasets.FILE_NAME]
    copies("missing")
    prices = load_ibm()
    assert prices.attrs["source"] == "cache"
    assert prices["High"].iloc[0] == 1.5
    assert not caplog.records


WAYS = {  # and what the warning gives as the reason
    "missing": "404",
    "lies": "hash",
    "truncates": "IncompleteRead",
    "longer": "IncompleteRead",
    "hangs": "no whole file within 2 s|timed out",
    "drips": "no whole file within 2 s",
    "endless": "more than 1,000,000 bytes",
    "packed": "hash",
    "bomb": "hash",
    "to-file": "No connection adapters",
    "to-itself": "Exceeded 30 redirects",
}


@pytest.mark.parametrize(("way", "reason"), WAYS.items())
def test_a_copy_that_fails_is_passed_over_with_a_warning(
    way, reason, copies, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(_download, "TOTAL_TIMEOUT", 3.0)
    copies(way, "good")
    with caplog.at_level(logging.WARNING):
        prices = load_ibm()
    assert prices.attrs["source"] == "download"
    assert (tmp_path / "cache" / "prices" / datasets.FILE_NAME).read_bytes() == GOOD
    assert kept(tmp_path) == [datasets.FILE_NAME]
    assert [f"/{way}" in r.getMessage() for r in caplog.records] == [True]
    assert re.search(rf"trying the next source. \(.*({reason})", caplog.text)


def test_an_endless_answer_is_left_at_once(copies, caplog):
    copies("endless")
    load_ibm()
    sent = copies.server.sent
    assert sent < 20_000_000  # what buffers hold, and no more
    time.sleep(0.5)
    assert copies.server.sent == sent, "nobody listens any more"


def test_the_reason_is_that_of_the_network_and_not_an_address(monkeypatch, caplog):
    monkeypatch.delenv("RNNEDU_DATA")
    address = "http://127.0.0.1:9/prices.csv"
    monkeypatch.setattr(_download, "MIRRORS", {address: "0" * 64})
    load_ibm()
    (first, *_) = [r.getMessage() for r in caplog.records]
    assert first.startswith(f"{address}: trying the next source. (")
    assert first.endswith("Connection refused)")
    assert first.count("127.0.0.1") == 1


def test_a_proxy_that_is_not_there_is_the_reason(monkeypatch, caplog):
    monkeypatch.delenv("RNNEDU_DATA")
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert load_ibm().attrs["source"] == "embedded"
    assert caplog.text.count("Connection refused") == len(_download.MIRRORS)


def test_a_server_that_does_not_speak_tls_is_the_reason(copies, monkeypatch, caplog):
    copies("good")
    (address,) = _download.MIRRORS
    monkeypatch.setattr(
        _download, "MIRRORS", {address.replace("http:", "https:"): "0" * 64}
    )
    load_ibm()
    assert re.search(r"\(.*(WRONG_VERSION|wrong version|record layer|EOF).*\)", caplog.text)


def test_no_copy_at_all_means_the_embedded_series_and_a_warning(
    copies, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(_download, "TOTAL_TIMEOUT", 1.0)
    copies("hangs", "drips", "lies")
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        prices = load_ibm()
    # A bound on waiting, not a measurement: a drip alone would take many times as long.
    assert time.monotonic() - started < 10
    assert prices.attrs["source"] == "embedded"
    assert "using the embedded series" in caplog.text
    assert kept(tmp_path) == []


def test_the_embedded_series_can_be_refused(copies, monkeypatch):
    copies("missing")
    monkeypatch.setenv("RNNEDU_DATA", "notebook")
    with pytest.raises(FileNotFoundError, match=r"refuses the embedded.*Fix: "):
        load_ibm()


def test_a_damaged_file_in_the_cache_is_downloaded_again(copies, tmp_path, caplog):
    copies("good")
    load_ibm()
    (tmp_path / "cache" / "prices" / datasets.FILE_NAME).write_bytes(GOOD[:-9])
    with caplog.at_level(logging.WARNING):
        assert load_ibm().attrs["source"] == "download"
    assert "damaged" in caplog.text
    assert (tmp_path / "cache" / "prices" / datasets.FILE_NAME).read_bytes() == GOOD


def test_a_cache_that_cannot_be_written_does_not_stop_the_download(
    copies, tmp_path, caplog, monkeypatch
):
    (tmp_path / "a file").write_text("no folder")
    monkeypatch.setenv("RNNEDU_CACHE_DIR", str(tmp_path / "a file"))
    copies("good")
    with caplog.at_level(logging.WARNING):
        assert load_ibm().attrs["source"] == "download"
    assert "RNNEDU_CACHE_DIR" in caplog.text


def test_a_file_that_cannot_be_kept_is_used_all_the_same(copies, caplog, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(_download, "write_whole", full)
    copies("good")
    with caplog.at_level(logging.WARNING):
        assert load_ibm().attrs["source"] == "download"
    assert "no space left" in caplog.text


def test_all_waiting_together_is_at_most_ten_seconds():
    assert _download.TOTAL_TIMEOUT <= 10
    assert len(_download.MIRRORS) == 2
