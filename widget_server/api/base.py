"""What every resource of the API stands on: the blueprint that reads strictly, and ids in addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import marshmallow
from flask import Request, Response, request
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
#: What an id may not end in after a slash: these are our own addresses below a conversation.
RESERVED = frozenset({"messages", "end", "ask", "reopen", "invitations"})


class StrictParser(FlaskParser):
    """Reads bodies and queries with our own rules; what is wrong becomes a problem with its pointer."""

    #: A mistyped filter would silently answer with everything.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        return body()

    def load_querystring(self, req: Request, schema: marshmallow.Schema) -> Any:
        for name, values in req.args.lists():
            if len(values) > 1:
                raise Invalid("Give this once.", pointer=f"/{name}")
        return req.args.to_dict()

    def handle_error(self, error: marshmallow.ValidationError, *args: Any, **settings: Any) -> NoReturn:
        # The parser puts the messages under the place they were read from.
        assert isinstance(error.messages, dict)
        (messages,) = error.messages.values()
        raise to_invalid(messages) from error


class Resource(Blueprint):
    """A blueprint of the API. Its views are: schema in, one call, commit, schema out."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, description=description)
        self.before_request(refuse_other_types)
        self.after_request(keep_private)
        self.after_request(tag)

    def arguments(
        self, schema: marshmallow.Schema | type[marshmallow.Schema], *, location: str = "json", **options: Any
    ) -> Callable[[View], View]:
        """Read a view's arguments with one instance of `schema`; given the class, webargs makes one per request."""
        instance = schema() if isinstance(schema, type) else schema
        return super().arguments(instance, location=location, **options)


class ExternalId(BaseConverter):
    """The owner's own id as the rest of a path. Servers decode %2F before we see it, so slashes belong to the id."""

    regex = r"[\s\S]+?"
    part_isolating = False


def body() -> Any:
    """The JSON of this request; none at all is an empty object."""
    data = request.get_data()
    most = request.max_content_length
    if request.content_length is None and most is not None and len(data) >= most:
        # Of a body that does not say how long it is the library reads this much, and leaves the rest unsaid.
        raise RequestEntityTooLarge()
    return strict_json.parse_json(data) if data else {}


def refuse_other_types() -> None:
    """415 unless a body says that it is JSON."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if request.content_encoding or ((request.content_type or has_body) and request.mimetype != JSON):
        raise ContentType(f"Send JSON, uncompressed, with the header `Content-Type: {JSON}`.")


def keep_private(response: Response) -> Response:
    """Answers are for the caller alone."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def tag(response: Response) -> Response:
    """Who asks again with the tag of what they have is told in a line that it still holds."""
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


def check_external_id(external_id: str) -> str:
    """Raise `Invalid` for an id that could not be addressed, or not be told from another."""
    if len(external_id) > MAX_ID_LENGTH:
        raise Invalid(f"An id has at most {MAX_ID_LENGTH} characters.", pointer="/external_id")
    if has_controls(external_id) or "\ufffd" in external_id:
        raise Invalid("An id is UTF-8 without control characters.", pointer="/external_id")
    head, _, last = external_id.rpartition("/")
    if head and last in RESERVED:
        raise Invalid(f"An id may not end in /{last}: that is an address of this API.", pointer="/external_id")
    return external_id
