"""Reading what others send: JSON that cannot hurt, and fields that take nothing for what it is not.

Knows nothing of the product. Whatever arrives, the answer is a value of the declared kinds or a `DomainError` with a
JSON pointer (RFC 6901) to the field: a float or a bool is no whole number, text holds neither NUL nor half a
character, unknown fields are refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from ..core.text import has_controls

#: What a `line` holds, for documents.
NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f]*$"
FIRST_YEAR, LAST_YEAR = 1970, 2999


class Strict(Schema):
    """A schema that refuses fields it does not know. Its fields bear their own names, and nothing runs around them."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "There is no such field.", "type": "Give a JSON object."}


class Text(fields.String):
    """Text that both databases can keep: no NUL, no lone surrogate. `line` refuses every control character."""

    default_error_messages = {
        "required": "This field is needed.",
        "null": "This field may not be null.",
        "invalid": "Give a text.",
        "nul": "A text may not hold a NUL character.",
        "surrogate": "A text may not hold half a character (a lone surrogate).",
        "control": "A name or id may not hold control characters.",
    }

    def __init__(self, *, max_length: int, min_length: int = 0, line: bool = False, **settings: Any) -> None:
        self.max_length, self.min_length, self.line = max_length, min_length, line
        if line:
            settings["metadata"] = {"pattern": NO_CONTROLS, **settings.get("metadata", {})}
        checks = list(settings.pop("validate", []))
        checks.append(validate.Length(min=min_length or None, max=max_length, error=self._size_in_words()))
        super().__init__(validate=checks, **settings)

    def _size_in_words(self) -> str:
        return f"Give {f'{self.min_length} to' if self.min_length else 'at most'} {self.max_length} characters."

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
    """One of a few words."""

    def __init__(self, *words: str, **settings: Any) -> None:
        check = validate.OneOf(words, error=f"Give one of: {', '.join(words)}.")
        super().__init__(max_length=max(map(len, words)), validate=[check], **settings)


class Integer(fields.Integer):
    """A whole number between `min_value` and `max_value`: 1.0, true and "1" are none."""

    default_error_messages = {
        "required": "This field is needed.",
        "null": "This field may not be null.",
        "invalid": "Give a whole number.",
    }

    def __init__(self, *, min_value: int, max_value: int, **settings: Any) -> None:
        check = validate.Range(min_value, max_value, error=f"Give a whole number from {min_value} to {max_value}.")
        super().__init__(strict=True, validate=check, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Number(fields.Float):
    """A number between `min_value` and `max_value`; true is none."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Give a number."}

    def __init__(self, *, min_value: float, max_value: float, **settings: Any) -> None:
        super().__init__(
            validate=validate.Range(min_value, max_value, error=f"Give a number from {min_value} to {max_value}."),
            **settings,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float):
            raise self.make_error("invalid")
        return float(value)


class Boolean(fields.Boolean):
    """true or false: neither 1 nor "yes"."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Give true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Timestamp(fields.AwareDateTime):
    """An ISO 8601 timestamp with its offset: without one it would be somebody's local time."""

    default_error_messages = {
        **Integer.default_error_messages,
        "invalid": "Give a moment such as 2026-03-01T10:04:00Z, with its offset from UTC.",
    }

    def __init__(self, **settings: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None or not FIRST_YEAR < moment.year < LAST_YEAR:
                raise ValueError("local, or out of all proportion")
        except (TypeError, ValueError) as error:
            raise self.make_error("invalid") from error
        return moment.astimezone(UTC)


class Id(fields.UUID):
    """A UUID in its one usual spelling."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Give an id as this API wrote it."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:
        try:
            found = UUID(value)
        except (AttributeError, TypeError, ValueError) as error:
            raise self.make_error("invalid") from error
        if str(found) != value:
            raise self.make_error("invalid")
        return found


class ListOf(fields.List[Any]):
    """At most `max_length` of one kind."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Give a list."}

    def __init__(self, inner: fields.Field[Any], *, max_length: int, min_length: int = 0, **settings: Any) -> None:
        check = validate.Length(min_length or None, max_length, error=f"Give {min_length} to {max_length} of them.")
        super().__init__(inner, validate=check, **settings)


class MappingOf(fields.Dict):
    """Names to values, at most `max_length`; wrong ones are pointed at by their name."""

    default_error_messages = {**Integer.default_error_messages, "invalid": "Give a JSON object."}

    def __init__(
        self, names: fields.Field[Any], values: fields.Field[Any], *, max_length: int, **settings: Any
    ) -> None:
        check = validate.Length(None, max_length, error=f"Give at most {max_length} of them.")
        super().__init__(keys=names, values=values, validate=check, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if isinstance(error.messages, dict):
                flat = {name: next(iter(wrong.values())) for name, wrong in error.messages.items()}
                raise ValidationError(flat) from error
            raise


class Nested(fields.Nested):
    """An object within the object."""

    default_error_messages = {**Integer.default_error_messages, "type": "Give a JSON object."}
