"""Tags, freeform and defined: within Oracle's limits, and none that somebody else sets."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from components.cloud.owner import OWN_KEYS
from components.config.rules.given import Given, Rule, problem, problem_at
from components.errors import Problem

# "Limits on Tags", https://docs.oracle.com/iaas/Content/Tagging/Concepts/taggingoverview.htm
_MOST_TAGS: Final = 10
_MOST_DEFINED_TAGS: Final = 64
_LONGEST_TAG_KEY: Final = 100
_LONGEST_TAG_VALUE: Final = 256
_TAG_KEY: Final = re.compile(r"[!-\-/-~]+")

# Oracle sets what is in these by itself.
_ORACLES: Final = ("oracle-tags", "orcl-cloud")


def _tags(given: Given) -> Iterator[Problem]:
    tags = given.settings.tags
    room = _MOST_TAGS - len(OWN_KEYS)
    if len(tags) > room:
        yield Problem(
            path="tags",
            fault=f"are more than the {room} that are left of OCI's {_MOST_TAGS} freeform tags",
            got=str(len(tags)),
            remedy="remove some",
        )
    for key, value in tags.items():
        # OCI does not tell upper from lower case in keys.
        if key.lower() in OWN_KEYS:
            own = ", ".join(OWN_KEYS)
            remedy = f"choose another key than {own}"
            yield problem_at(
                ("tags", key), "is a tag that the program sets", got=value, remedy=remedy
            )
        if not _TAG_KEY.fullmatch(key) or len(key) > _LONGEST_TAG_KEY:
            fault = f"is not a key of at most {_LONGEST_TAG_KEY} letters without space and period"
            yield problem_at(("tags", key), fault, got=key, remedy="choose another key")
        if len(value) > _LONGEST_TAG_VALUE:
            fault = f"is longer than {_LONGEST_TAG_VALUE} letters"
            yield problem_at(("tags", key), fault, got=value, remedy="shorten it")


def _defined_tags(given: Given) -> Iterator[Problem]:
    settings = given.settings
    yield from _each_defined(("definedTags",), settings.defined_tags)
    yield from _each_defined(("access", "definedTags"), settings.access.defined_tags)
    together = {name.lower() for name in (*settings.defined_tags, *settings.access.defined_tags)}
    if len(together) > _MOST_DEFINED_TAGS:
        yield Problem(
            path="definedTags",
            fault=f"are more than the {_MOST_DEFINED_TAGS} defined tags that OCI takes",
            got=str(len(together)),
            remedy="remove some",
        )
    for name in settings.access.defined_tags:
        if name.lower() in {every.lower() for every in settings.defined_tags}:
            yield problem_at(
                ("access", "definedTags", name),
                "is a tag that every resource has, so that nodes would be in the host's group",
                got=name,
                remedy="choose another one for the host",
            )


def _each_defined(location: tuple[str, ...], tags: Mapping[str, str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, value in tags.items():
        place = (*location, name)
        # OCI does not tell upper from lower case in namespaces and keys.
        other = first.setdefault(name.lower(), name)
        if other != name:
            fault = f"is the same tag as {other}"
            yield problem_at(place, fault, got=name, remedy="keep one of them")
        if name.lower().partition(".")[0] in _ORACLES:
            fault = "is in a namespace in which Oracle alone sets tags"
            yield problem_at(place, fault, got=name, remedy="choose one of your own")
        if len(value) > _LONGEST_TAG_VALUE:
            fault = f"is longer than {_LONGEST_TAG_VALUE} letters"
            yield problem_at(place, fault, got=value, remedy="shorten it")


def _ignored_tags(given: Given) -> Iterator[Problem]:
    settings = given.settings
    own = {name.lower() for name in (*settings.defined_tags, *settings.access.defined_tags)}
    for index, name in enumerate(settings.oci.ignore_defined_tags):
        if name.lower() in own:
            yield problem(
                f"oci.ignoreDefinedTags[{index}]",
                "is ignored although the settings set it",
                got=name,
                remedy="take it out here or under definedTags",
            )


RULES: Final[tuple[Rule, ...]] = (_tags, _defined_tags, _ignored_tags)
