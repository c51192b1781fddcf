"""The tree of the settings' models: which model stands where, and where a lost key belongs."""

from collections.abc import Iterator, Mapping
from typing import Final, get_args, get_origin

from pydantic.fields import FieldInfo

from components.settings.stack import Settings
from components.settings.types import Model

Location = tuple[int | str, ...]

ENTRIES: Final[Mapping[str, str]] = {
    "clusters": "cluster",
    "nodePools": "node pool",
    "addons": "add-on",
    "extraRules": "rule",
    "extraRoutes": "route",
    "services": "service",
    "hosts": "host",
}
"""The maps of models by their key, and what one of their entries is."""

ANY_KEY: Final[Mapping[str, str]] = {
    "clusters": "<key>",
    "nodePools": "<name>",
    "addons": "<name>",
    "extraRules": "<name>",
    "extraRoutes": "<name>",
    "services": "<service>",
    "headers": "<header>",
    "hosts": "<name>",
}
"""What stands in a location for the key of an entry that is not known."""


def fields(model: type[Model]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the key that users write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at(location: Location) -> type[Model] | None:
    """Return the model whose keys stand at `location`."""
    place: object = Settings
    for step in location:
        model = model_in(place)
        # Below a map or a list of models, the entry's own key is a step of its own.
        place = fields(model)[str(step)].annotation if model else _entry_of(place)
    return model_in(place)


def _entry_of(annotation: object) -> object:
    """Return what stands below a key of a map, or a place of a list."""
    arguments = get_args(annotation)
    return arguments[0] if get_origin(annotation) is tuple else arguments[-1]


def model_in(annotation: object) -> type[Model] | None:
    """Return the model that `annotation` is, perhaps beside None; none for many of them."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    if get_origin(annotation) in {dict, tuple}:
        return None
    found = (model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)


def home_of(key: str, location: Location) -> Location | None:
    """Return where `key` is a setting, a level or more above `location` or one below it.

    None if it is nowhere there, or in more than one place below.
    """
    for length in range(len(location) - 1, -1, -1):
        model = model_at(location[:length])
        if model and key in fields(model):
            return location[:length]
    below = [place for place in _children(location) if key in fields(_model(place))]
    return below[0] if len(below) == 1 else None


def beside_an_entry(location: Location, documents: object) -> Location | None:
    """Return the place of a setting that stands beside the entry of a map that it belongs below.

    It is one level of indentation away from home, and its entry has nothing below it.
    """
    place = documents
    for depth, step in enumerate(location):
        if depth and location[depth - 1] in ENTRIES and _is_beside(location[: depth + 1], place):
            return location[: depth + 1]
        if not isinstance(place, Mapping) or step not in place:
            return None
        place = place[step]
    return None


def _is_beside(location: Location, entries: object) -> bool:
    # A list may have the name that is a map's elsewhere.
    model = model_at(location)
    if model is None or not isinstance(entries, Mapping):
        return False
    value = entries.get(location[-1])
    is_entry = value is None or (isinstance(value, Mapping) and fields(model).keys() & value.keys())
    is_setting = location[-1] in fields(model) and not is_entry
    has_empty_entry = any(entry is None for entry in entries.values())
    return is_setting and has_empty_entry


def _children(location: Location) -> Iterator[Location]:
    """Yield the places of the models one level below the one at `location`."""
    model = model_at(location)
    for key in fields(model) if model else ():
        place = (*location, key)
        if model_at(place):
            yield place
        # A list of keys may have the name that is a map's elsewhere.
        elif key in ANY_KEY and model_at((*place, ANY_KEY[key])):
            yield (*place, ANY_KEY[key])


def _model(location: Location) -> type[Model]:
    model = model_at(location)
    if model is None:
        raise ValueError(f"{location}: no model stands there")
    return model
