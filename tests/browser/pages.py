"""Pages of a website, served from a separate origin."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>A shop</title><body>{body}</body></html>"


class Pages:
    """A small web server; `url` is its origin, and `other_url` the same server as a second origin."""

    def __init__(self) -> None:
        pages: dict[str, tuple[bytes, Mapping[str, str]]] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, headers = pages.get(self.path.partition("?")[0], (b"", {}))
                self.send_response(302 if "Location" in headers else 200 if content else 204)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, format: str, *arguments: object) -> None:
                """Log nothing, because tests check the requests of pages."""

        self.pages = pages
        self.numbers = count(1)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.5,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def other_url(self) -> str:
        return f"http://localhost:{self.server.server_port}"

    def put(self, body: str, path: str = "", headers: Mapping[str, str] | None = None) -> str:
        """Add a page with this body, or a whole document, and return its address; the path is new unless given.

        A `Location` among the headers makes it a redirect.
        """
        path = path or f"/page-{next(self.numbers)}"
        document = body if body.lstrip().lower().startswith("<!doctype") else PAGE.format(body=body)
        self.pages[path] = (document.encode(), headers or {})
        return f"{self.url}{path}"

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
