"""The base of every API resource: a blueprint with strict parsing, and external ids in paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import marshmallow
from flask import Request, Response, current_app, request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from ..core.errors import ContentType, Invalid
from ..core.text import has_controls
from ..web import strict_json
from ..web.schema_loading import to_invalid

View = TypeVar("View", bound=Callable[..., Any])
PREFIX = "/api/v1"
JSON = "application/json"
MAX_ID_LENGTH = 200
#: An id must have none of these behind a slash, because they are routes below a conversation, an agent or a visitor. A
#: call of a route that does not exist, such as PUT …/messages/5, would otherwise create something of that name.
RESERVED = frozenset({"messages", "end", "ask", "reopen", "invitations", "scores", "revoke", "erase", "merge"})


class StrictParser(FlaskParser):
    """A parser that applies strict rules to bodies and queries. An error becomes a problem with a pointer."""

    #: Unknown names are rejected, because a mistyped filter would silently return everything.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        return read_json_body()

    def load_querystring(self, req: Request, schema: marshmallow.Schema) -> Any:
        for name, values in req.args.lists():
            if len(values) > 1:
                raise Invalid("Query parameter is repeated; send it once.", pointer=f"/{name}")
        return req.args.to_dict()

    def handle_error(self, error: marshmallow.ValidationError, *args: Any, **settings: Any) -> NoReturn:
        # The parser nests the messages under their location, such as "json" or "query".
        assert isinstance(error.messages, dict)
        (messages,) = error.messages.values()
        raise to_invalid(messages) from error


class Resource(Blueprint):
    """A blueprint of the API. Its views load a schema, make one call, commit and dump a schema."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, description=description)
        self.before_request(require_json)
        self.before_request(refuse_unknown_filters)
        self.after_request(forbid_storing)
        self.after_request(add_etag)

    def arguments(
        self, schema: marshmallow.Schema | type[marshmallow.Schema], *, location: str = "json", **options: Any
    ) -> Callable[[View], View]:
        """Parse a view's arguments with one instance of `schema`. With a class webargs would create one per request."""
        instance = schema() if isinstance(schema, type) else schema
        parse = super().arguments(instance, location=location, **options)

        def declare(view: View) -> View:
            parsed_view = parse(view)
            if location == "query":
                # Wrappers copy a function's attributes, so the registered view has it too.
                parsed_view.has_query = True  # type: ignore[attr-defined]
            return parsed_view

        return declare


class ExternalId(BaseConverter):
    """The owner's id as the rest of a path. Servers decode %2F before routing, so an id may contain slashes."""

    regex = r"[\s\S]+?"
    part_isolating = False


def read_json_body() -> Any:
    """Return the JSON of this request, or an empty object for an empty body.

    Raises:
        RequestEntityTooLarge: a body without a length is longer than the limit.
    """
    data = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(data) >= limit:
        # Without a content length Werkzeug reads up to the limit and silently drops the rest.
        raise RequestEntityTooLarge()
    return strict_json.parse_json(data) if data else {}


def require_json() -> None:
    """Raise ContentType (415) unless the body is declared as JSON."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if request.content_encoding or ((request.content_type or has_body) and request.mimetype != JSON):
        raise ContentType(f"Body must be uncompressed JSON with the header `Content-Type: {JSON}`.")


def refuse_unknown_filters() -> None:
    """Raise Invalid for a query of a route that has none: a mistyped filter would silently return everything."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.args and view is not None and not hasattr(view, "has_query"):
        name = next(iter(request.args))
        raise Invalid("Query parameter is unknown; this route has none.", pointer=f"/{strict_json.clean_name(name)}")


def forbid_storing(response: Response) -> Response:
    """Forbid caches to store a response, because it is for the caller only."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def add_etag(response: Response) -> Response:
    """Add an ETag, and answer 304 without a body to a caller that already has this response."""
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


def check_external_id(external_id: str) -> str:
    """Return an external id. Raise Invalid if it cannot be used in a path, or could be confused with another."""
    if len(external_id) > MAX_ID_LENGTH:
        raise Invalid(f"Id must have at most {MAX_ID_LENGTH} characters.", pointer="/external_id")
    if has_controls(external_id) or "\ufffd" in external_id:
        raise Invalid("Id must be UTF-8 without control characters.", pointer="/external_id")
    for part in external_id.split("/")[1:]:
        if part in RESERVED:
            raise Invalid(
                f"Id must not contain /{part}, which is a route of this API; choose another.", pointer="/external_id"
            )
    return external_id
