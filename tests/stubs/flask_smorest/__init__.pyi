# The part of flask-smorest that the API uses; the library itself has no types.
from collections.abc import Callable
from typing import Any, TypeVar

import apispec
import flask
import marshmallow
from webargs.flaskparser import FlaskParser

_View = TypeVar("_View", bound=Callable[..., Any])
_Schema = marshmallow.Schema | type[marshmallow.Schema]

class Blueprint(flask.Blueprint):
    ARGUMENTS_PARSER: FlaskParser
    description: str
    def __init__(self, name: str, import_name: str, *, url_prefix: str, description: str) -> None: ...
    def arguments(self, schema: _Schema, *, location: str = ..., **options: Any) -> Callable[[_View], _View]: ...
    def response(
        self, status_code: int, schema: _Schema | dict[str, str] | None = None, **options: Any
    ) -> Callable[[_View], _View]: ...
    def doc(self, **options: Any) -> Callable[[_View], _View]: ...
    def register_views_in_doc(
        self, api: Api, app: flask.Flask, spec: apispec.APISpec, *, name: str, parameters: list[Any] | None
    ) -> None: ...

class Api:
    ERROR_SCHEMA: type[marshmallow.Schema]
    spec: apispec.APISpec
    def __init__(self, app: flask.Flask, *, spec_kwargs: dict[str, Any]) -> None: ...
    def _register_error_handlers(self) -> None: ...
    def register_converter(self, converter: type[Any], func: Callable[[Any], dict[str, Any]]) -> None: ...
