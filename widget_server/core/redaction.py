"""Find card numbers, e-mail addresses and telephone numbers in a text, and mask them. Pure functions.

A mask has the length of what it replaces and contains no letter and no digit. So a masked text fits where the original
fits, and masking it again changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

MASK = "•"
CARD, EMAIL, PHONE = "card", "email", "phone"
#: The kinds in the order in which they are masked: a card number could otherwise be taken for a telephone number.
KINDS = (CARD, EMAIL, PHONE)
#: Storing card numbers puts the server under the card issuers' rules.
DEFAULT_KINDS = (CARD,)

Span = tuple[int, int]
_MASKED_CHARACTER = re.compile(r"[^\W_]")
#: Digits that are separated by at most three spaces, hyphens, dots, slashes or invisible characters.
_DIGIT_RUN = re.compile(r"\d(?:[\s.\-\u2010-\u2015_/\u200b\u2060]{0,3}\d){11,}")
_DIGITS = re.compile(r"\d+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
MIN_CARD_DIGITS, MAX_CARD_DIGITS = 13, 19
MIN_GROUP_DIGITS = 3
MAX_CARD_GROUPS = MAX_CARD_DIGITS // MIN_GROUP_DIGITS
#: The first digits of the issuers' numbers, each with the lengths that they issue, by the first digit.
_ISSUERS = {
    "2": ((re.compile(r"222[1-9]|22[3-9]|2[3-6]|27[01]|2720|220[0-4]"), (16,)),),  # Mastercard, Mir
    "3": (
        (re.compile(r"3[47]"), (15,)),  # American Express
        (re.compile(r"30[0-5]|3[689]"), (14, 16)),  # Diners Club
        (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),  # JCB
    ),
    "4": ((re.compile(r"4"), (13, 16, 19)),),  # Visa
    "5": (
        (re.compile(r"5[1-5]|508"), (16,)),  # Mastercard, RuPay
        (re.compile(r"5018|5019|5020|5038|5893"), (13, 14, 15, 16, 17, 18, 19)),  # Maestro, Dankort
    ),
    "6": (
        (re.compile(r"6011|64[4-9]|65|60"), (16,)),  # Discover, RuPay
        (re.compile(r"62"), (16, 17, 18, 19)),  # UnionPay
        (re.compile(r"6304|67"), (13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ),
    "8": ((re.compile(r"81"), (16, 17, 18, 19)), (re.compile(r"82"), (16,))),  # UnionPay, RuPay
    "9": ((re.compile(r"9792"), (16,)),),  # Troy
}
#: The start is fixed by what may not precede it, so that a long text is read once.
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,64}[@\uff20](?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_GAP = r"[\s.\-\u2010-\u2013/]"
_PHONE_NAMES = (
    "tlf|tel|telefon|telefonnummer|telephone|phone|mobil|mobile|mob|cell|call|ring|sms|whatsapp|handy|mobilnr"
)
_PHONES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # With the code of a country.
        rf"(?<![\w.,])(?<!\d )(?:\+|00(?=[1-9]))[\s(]?[1-9](?:[()]?{_GAP}?[()]?\d){{6,13}}(?!\d)",
        # Denmark and Norway: 12 34 56 78, 1234 5678, 912 34 567. France: 06 12 34 56 78.
        r"(?<![\d.,+/-])(?<!\d )(?:\d\d(?: \d\d){3,4}|[2-9]\d{3} \d{4}|[49]\d\d \d\d \d{3})(?![.,/-]?\d)(?! \d)",
        # With the 0 of a long-distance call: 070-123 45 67, (030) 123456, 0171 2345678.
        rf"(?<![\w.,+/-])(?<!\d )\(?0[1-9]\d{{0,4}}\)?(?:{_GAP}{{1,2}}\d{{2,8}}){{1,4}}(?![.,/-]?\d)(?! \d)",
        r"(?<![\w.,+/-])0[1-9]\d{8,9}(?!\d)",
        # North America: (555) 123-4567, 555-123-4567.
        r"(?<![\w.,+/-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-.]\d{4}(?![.-]?\d)",
        # After a word for a telephone.
        rf"\b(?:{_PHONE_NAMES})\b[^\d\n]{{0,16}}(?P<number>\d(?:{_GAP}?\d){{6,11}})(?!{_GAP}?\d)",
    )
)
MIN_PHONE_DIGITS, MAX_PHONE_DIGITS = 7, 15
_DATE = re.compile(r"(?:19|20)\d\d-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-](?:19|20)?\d\d")
_AMOUNT = re.compile(r"\s?(?:kr|dkk|nok|sek|eur|euro|usd|gbp|€|\$|£|%)", re.IGNORECASE)


def redact(text: str, kinds: Collection[str]) -> tuple[str, Counter[str]]:
    """Return the text with every match of these kinds masked, and the number of masks by kind."""
    counts: Counter[str] = Counter()
    for kind in KINDS:
        if kind in kinds:
            spans = list(_FINDERS[kind](text))
            text = _mask(text, spans)
            if spans:
                counts[kind] = len(spans)
    return text, counts


def _mask(text: str, spans: Iterable[Span]) -> str:
    for start, end in spans:
        text = text[:start] + _MASKED_CHARACTER.sub(MASK, text[start:end]) + text[end:]
    return text


def find_cards(text: str) -> Iterator[Span]:
    """Yield where the text has a number of an issuer's form with a correct check digit."""
    for run in _DIGIT_RUN.finditer(text):
        groups = [match.span() for match in _DIGITS.finditer(text, *run.span())]
        if all(end - start == 1 for start, end in groups):
            # 4 1 1 1 …: too many places to try all of them.
            if len(groups) <= MAX_CARD_DIGITS and is_card("".join(text[start] for start, _ in groups)):
                yield run.span()
            continue
        position = 0
        while position < len(groups):
            count = _count_card_groups(text, groups[position : position + MAX_CARD_GROUPS])
            if count:
                span = groups[position][0], groups[position + count - 1][1]
                if not _is_in_iban(text, span):
                    yield span
            position += count or 1


def _count_card_groups(text: str, groups: list[Span]) -> int:
    """Return how many of the first groups of digits are a card number together, the longest first, or 0."""
    digits, card_groups = "", 0
    for count, (start, end) in enumerate(groups, 1):
        # People write no card number in pairs or single digits beside longer groups, but dates and prices.
        if end - start < MIN_GROUP_DIGITS or len(digits) + end - start > MAX_CARD_DIGITS:
            break
        digits += text[start:end]
        if len(digits) >= MIN_CARD_DIGITS and is_card(digits):
            card_groups = count
    return card_groups


def is_card(digits: str) -> bool:
    """Return whether the digits have the prefix, the length and the check digit (Luhn) of a card number."""
    values = [int(digit) for digit in digits]
    # Other scripts have different digits, which the patterns do not contain.
    digits = "".join(map(str, values))
    if not any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _ISSUERS.get(digits[0], ())):
        return False
    doubled = (sum(divmod(2 * value, 10)) for value in values[-2::-2])
    return (sum(values[-1::-2]) + sum(doubled)) % 10 == 0


def _is_in_iban(text: str, span: Span) -> bool:
    return any(start <= span[0] < end for start, end in _find_ibans(text))


def _find_ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        iban = match.group().replace(" ", "")
        if int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1:
            yield match.span()


def find_emails(text: str) -> Iterator[Span]:
    """Yield where the text has an e-mail address."""
    if "@" in text or "\uff20" in text:
        for match in _EMAIL.finditer(text):
            yield match.span()


def find_phones(text: str) -> Iterator[Span]:
    """Yield where the text has a telephone number as people write it, without dates and amounts."""
    covered_until = -1
    matches = (match for pattern in _PHONES for match in pattern.finditer(text))
    spans = {match.span("number" if "number" in match.groupdict() else 0) for match in matches}
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        number = text[start:end]
        digit_count = sum(character.isdigit() for character in number)
        is_other = _DATE.match(number) or _AMOUNT.match(text, end) or _is_in_iban(text, (start, end))
        if start >= covered_until and MIN_PHONE_DIGITS <= digit_count <= MAX_PHONE_DIGITS and not is_other:
            yield start, end
            covered_until = end


_FINDERS: dict[str, Callable[[str], Iterator[Span]]] = {CARD: find_cards, EMAIL: find_emails, PHONE: find_phones}
