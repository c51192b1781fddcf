"""The helloworld sample: says which version answers, and from which pod."""

import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 5000
DRAIN_SECONDS = 3
ending = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A drained pod must not wait for clients that keep their connection open.
    timeout = 60

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/hello":
            version = os.environ["SERVICE_VERSION"]
            self.answer(200, f"Hello version: {version}, instance: {socket.gethostname()}\n")
        elif path == "/health":
            self.answer(200, "Helloworld is healthy\n")
        else:
            self.answer(404, "Not found\n")

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        if ending.is_set():
            self.send_header("connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The sidecar keeps the access log."""


def end(*_: object) -> None:
    """Answers on for a moment, because callers learn of an ending pod later than the pod."""
    ending.set()
    threading.Timer(DRAIN_SECONDS, os._exit, [0]).start()


signal.signal(signal.SIGTERM, end)
ThreadingHTTPServer(("", PORT), Handler).serve_forever()
