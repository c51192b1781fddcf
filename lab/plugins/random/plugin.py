"""The resources `RandomId`, `RandomString`, `RandomPassword` and `RandomUuid`."""

from __future__ import annotations

import base64
import secrets
import string
import uuid

from lab.plugins.base.errors import Failure, PluginError
from lab.plugins.base.provider import Call, Checked, Provider, Resource, State
from lab.plugins.base.sdk import Selection
from lab.plugins.base.store import load_package
from lab.plugins.base.values import Path, Properties, Unknown

SELECTION = Selection(
    package="pulumi_random",
    resources=("random_id.py", "random_string.py", "random_password.py", "random_uuid.py"),
)
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
GROUPS = {
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "numeric": string.digits,
    "special": SPECIAL,
}


class Drawn(Resource):
    """A value that is drawn once; any changed input draws anew."""

    def forces_replace(self, path: Path) -> bool:
        return True


class RandomId(Drawn):
    """Random bytes in several writings; the id is the URL-safe one."""

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        checked = super().check(call, news, olds)
        return Checked(news, [*checked.failures, *_at_least_one(news, "byteLength")])

    def create(self, call: Call, inputs: Properties) -> State:
        drawn = secrets.token_bytes(int(inputs["byteLength"]))
        prefix = inputs.get("prefix") or ""
        url = base64.urlsafe_b64encode(drawn).decode().rstrip("=")
        outputs = {
            **inputs,
            "b64Url": prefix + url,
            "b64Std": prefix + base64.b64encode(drawn).decode(),
            "hex": prefix + drawn.hex(),
            "dec": prefix + str(int.from_bytes(drawn, "big")),
        }
        return State(url, inputs, outputs)


class RandomString(Drawn):
    """Random characters with a minimum of each group."""

    is_password = False

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        checked = super().check(call, news, olds)
        if checked.failures:
            return checked
        return Checked(news, [*_at_least_one(news, "length"), *_group_faults(news)])

    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        return {**super().preview_create(call, inputs), **_settings(inputs)}

    def create(self, call: Call, inputs: Properties) -> State:
        settings = _settings(inputs)
        drawn = _draw(settings, int(inputs["length"]))
        outputs = {**inputs, **settings, "result": drawn}
        if self.is_password:
            # The real plugin never shows a password as an id.
            return State("none", inputs, {**outputs, "bcryptHash": _bcrypt(drawn)})
        return State(drawn, inputs, outputs)


class RandomUuid(Drawn):
    """A UUID of version 4."""

    def create(self, call: Call, inputs: Properties) -> State:
        drawn = str(uuid.uuid4())
        return State(drawn, inputs, {**inputs, "result": drawn})


class RandomPassword(RandomString):
    """A secret `RandomString`, with its bcrypt hash."""

    is_password = True


def _settings(inputs: Properties) -> Properties:
    """The inputs with their defaults; `number` is an old name of `numeric`."""
    numeric = inputs.get("numeric", inputs.get("number", True))
    return {
        "lower": inputs.get("lower", True),
        "upper": inputs.get("upper", True),
        "special": inputs.get("special", True),
        "numeric": numeric,
        "number": numeric,
        "overrideSpecial": inputs.get("overrideSpecial"),
        **{_minimum(group): inputs.get(_minimum(group), 0) for group in GROUPS},
    }


def _draw(settings: Properties, length: int) -> str:
    groups = {**GROUPS, "special": settings["overrideSpecial"] or SPECIAL}
    drawn = [
        secrets.choice(characters)
        for group, characters in groups.items()
        for _ in range(int(settings[_minimum(group)]))
    ]
    every = "".join(text for group, text in groups.items() if settings[group])
    drawn += [secrets.choice(every) for _ in range(length - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _group_faults(inputs: Properties) -> list[Failure]:
    settings = _settings(inputs)
    if not any(settings[group] is not False for group in GROUPS):
        return [Failure("numeric", "one of numeric, upper, lower and special must be true")]
    numbers = [inputs.get("length"), *(settings[_minimum(group)] for group in GROUPS)]
    if any(isinstance(number, Unknown) for number in numbers):
        return []
    length, *minima = numbers
    if sum(minima) > length:
        return [Failure("length", f"must be at least the minima's sum {sum(minima)}, got {length}")]
    return []


def _at_least_one(inputs: Properties, name: str) -> list[Failure]:
    value = inputs.get(name)
    if isinstance(value, int | float) and value < 1:
        return [Failure(name, f"must be at least 1, got {value:g}")]
    return []


def _minimum(group: str) -> str:
    return f"min{group.capitalize()}"


def _bcrypt(text: str) -> str:
    try:
        import bcrypt  # noqa: PLC0415 - only passwords need it; it is no requirement of the lab
    except ModuleNotFoundError as fault:
        raise PluginError("RandomPassword: needs bcrypt; run `pip install bcrypt`") from fault
    # bcrypt reads no more than 72 bytes; newer versions refuse to cut silently.
    return bcrypt.hashpw(text.encode()[:72], bcrypt.gensalt()).decode()


KINDS = {
    "random:index/randomId:RandomId": RandomId,
    "random:index/randomString:RandomString": RandomString,
    "random:index/randomPassword:RandomPassword": RandomPassword,
    "random:index/randomUuid:RandomUuid": RandomUuid,
}


def provider() -> Provider:
    made = Provider(load_package(SELECTION))
    for token, kind in KINDS.items():
        made.resources[token] = kind(made.schema.resources[token], made.checker)
    return made
