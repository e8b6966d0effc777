"""The REST API as a site's back end calls it, over a Flask test client or over HTTP (see serving.py)."""

from __future__ import annotations

from typing import Any


class Api:
    """Calls with one key. `client` is an object with Flask's `open(path, method=, json=, headers=)`."""

    def __init__(self, client: Any, key: str) -> None:
        self.client = client
        self.key = key

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, json=json, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.call("PUT", path, json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.call("PATCH", path, json, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.call("DELETE", path, **options)


def done(response: Any) -> Any:
    """Assert that a response is a success and return its JSON."""
    assert 200 <= response.status_code < 300, response.get_data(as_text=True)
    return response.get_json()
