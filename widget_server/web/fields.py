"""Strict field types for request bodies.

Each field returns a value of its type or raises an error, which becomes an `Invalid` with a JSON pointer (RFC 6901).
Nothing is converted: a float or a bool is not an integer, and text contains neither NUL nor unpaired surrogates.
Unknown fields are rejected.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from ..core.text import has_controls

#: The pattern of a `line`, for the OpenAPI document.
NO_NUL = r"^[^\u0000]*$"
NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f]*$"
FIRST_YEAR, LAST_YEAR = 1970, 2999


class Strict(Schema):
    """A schema that rejects unknown fields.

    Its fields have no other key in the data, and it has no hooks.
    """

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "Unknown field.", "type": "Value must be a JSON object."}


class Text(fields.String):
    """Text that both databases can store, without NUL and unpaired surrogates.

    With `line`, it has no control characters either.
    """

    default_error_messages = {
        "required": "This field is required.",
        "null": "This field must not be null.",
        "invalid": "Value must be a string.",
        "nul": "Text must not contain NUL characters.",
        "surrogate": "Text must not contain unpaired surrogates.",
        "control": "Names and ids must not contain control characters.",
    }

    def __init__(self, *, max_length: int, min_length: int = 0, line: bool = False, **settings: Any) -> None:
        self.max_length, self.min_length, self.line = max_length, min_length, line
        settings["metadata"] = {"pattern": NO_CONTROLS if line else NO_NUL, **settings.get("metadata", {})}
        length_range = f"{min_length} to {max_length}" if min_length else f"at most {max_length}"
        validators = list(settings.pop("validate", []))
        error = f"Text must have {length_range} characters."
        validators.append(validate.Length(min=min_length or None, max=max_length, error=error))
        super().__init__(validate=validators, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if value.isascii():
            if "\x00" in value:
                raise self.make_error("nul")
        elif any("\ud800" <= character <= "\udfff" for character in value):
            raise self.make_error("surrogate")
        elif "\x00" in value:
            raise self.make_error("nul")
        if self.line and has_controls(value):
            raise self.make_error("control")
        return value


class Choice(Text):
    """One of a fixed set of words."""

    def __init__(self, *words: str, **settings: Any) -> None:
        validator = validate.OneOf(words, error=f"Value must be one of: {', '.join(words)}.")
        super().__init__(max_length=max(map(len, words)), validate=[validator], **settings)


class Integer(fields.Integer):
    """An integer from `min_value` to `max_value`; 1.0, true and "1" are rejected."""

    default_error_messages = {
        "required": "This field is required.",
        "null": "This field must not be null.",
        "invalid": "Value must be a whole number.",
    }

    def __init__(self, *, min_value: int, max_value: int, **settings: Any) -> None:
        error = f"Value must be a whole number from {min_value} to {max_value}."
        super().__init__(strict=True, validate=validate.Range(min_value, max_value, error=error), **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Number(fields.Float):
    """A number from `min_value` to `max_value`; true is rejected."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Value must be a number."}

    def __init__(self, *, min_value: float, max_value: float, **settings: Any) -> None:
        error = f"Value must be a number from {min_value} to {max_value}."
        super().__init__(validate=validate.Range(min_value, max_value, error=error), **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float):
            raise self.make_error("invalid")
        return float(value)


class Boolean(fields.Boolean):
    """A JSON true or false; 1 and "yes" are rejected."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Value must be true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Timestamp(fields.AwareDateTime):
    """An ISO 8601 timestamp with a UTC offset.

    Without one its time zone would be unknown.
    """

    default_error_messages = {
        **Integer.default_error_messages,
        "invalid": "Timestamp must include a UTC offset, for example 2026-03-01T10:04:00Z.",
    }

    def __init__(self, **settings: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None or not FIRST_YEAR < moment.year < LAST_YEAR:
                raise ValueError("no UTC offset, or year out of range")
        except (TypeError, ValueError) as error:
            raise self.make_error("invalid") from error
        return moment.astimezone(UTC)


class Id(fields.UUID):
    """A UUID in canonical form."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Id must be a UUID in lower case."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:
        try:
            parsed_id = UUID(value)
        except (AttributeError, TypeError, ValueError) as error:
            raise self.make_error("invalid") from error
        if str(parsed_id) != value:
            raise self.make_error("invalid")
        return parsed_id


class ListOf(fields.List[Any]):
    """A list of `min_length` to `max_length` items of one type."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Value must be a list."}

    def __init__(self, inner: fields.Field[Any], *, max_length: int, min_length: int = 0, **settings: Any) -> None:
        error = f"List must have {min_length} to {max_length} items."
        super().__init__(inner, validate=validate.Length(min_length or None, max_length, error=error), **settings)


class MappingOf(fields.Dict):
    """An object of at most `max_length` names and values.

    An error points at the name of its entry.
    """

    default_error_messages = {**Integer.default_error_messages, "invalid": "Value must be a JSON object."}

    def __init__(
        self, names: fields.Field[Any], values: fields.Field[Any], *, max_length: int, **settings: Any
    ) -> None:
        validator = validate.Length(None, max_length, error=f"Object must have at most {max_length} entries.")
        super().__init__(keys=names, values=values, validate=validator, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if isinstance(error.messages, dict):
                messages = {name: next(iter(errors.values())) for name, errors in error.messages.items()}
                raise ValidationError(messages) from error
            raise


class Nested(fields.Nested):
    """An object inside an object."""

    default_error_messages = {**Integer.default_error_messages, "type": "Value must be a JSON object."}
