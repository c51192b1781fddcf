"""What the SDKs say of a resource type: its properties, their types, which change in place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sdks.checking import Checker
from sdks.reader import Selection, read_package, sdk_folder
from sdks.schema import PackageSchema
from tests.support.harness import Registered

PACKAGES = {
    "oci": "pulumi_oci",
    "kubernetes": "pulumi_kubernetes",
    "tls": "pulumi_tls",
    "command": "pulumi_command",
}

# Inputs of the SDK that the engine adds or that stand for the whole of a free-form object.
_FREE_FORM = "kubernetes:apiextensions.k8s.io"


def sdk_file(token: str) -> str:
    """Return the file in its SDK that defines the resource type `token`.

    Raises:
        LookupError: the SDK has no such type.
    """
    package, module, name = token.split(":")
    folder = sdk_folder(PACKAGES[package])
    path = _file_of(package, module, name)
    if not (folder / path).exists():
        raise LookupError(f"{token} is not in {PACKAGES[package]}: no {path}")
    return path


def _file_of(package: str, module: str, name: str) -> str:
    if package == "kubernetes":
        group, _, version = module.partition("/")
        short = group.removesuffix(".k8s.io").split(".")[0]
        return f"{short}/{version}/{name}.py"
    place, _, file = module.partition("/")
    words = file or f"{name[0].lower()}{name[1:]}"
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in words)
    return f"{snake}.py" if place == "index" else f"{place.lower()}/{snake}.py"


def is_described(resource: Registered) -> bool:
    """Whether an SDK describes this type; kinds of Istio and cert-manager are free-form."""
    return not resource.type.split(":")[1].endswith(("istio.io/v1", "cert-manager.io/v1"))


@cache
def _schema(package: str, files: tuple[str, ...]) -> PackageSchema:
    return read_package(Selection(package=PACKAGES[package], resources=files))


def faults(resources: Iterable[Registered]) -> list[str]:
    """Return what the SDKs' own types find wrong with the inputs of `resources`."""
    described = [resource for resource in resources if is_described(resource)]
    found = []
    for package in PACKAGES:
        mine = [resource for resource in described if resource.type.startswith(f"{package}:")]
        files = tuple(sorted({sdk_file(resource.type) for resource in mine}))
        schema = _schema(package, files)
        checker = Checker(schema.types)
        for resource in mine:
            shape = schema.resources[resource.type].inputs
            failures = checker.failures(shape, dict(resource.inputs))
            found += [f"{resource.name}: {f.property}: {f.reason}" for f in failures]
    return found


def sdk_path(package: str) -> Path:
    """Return where the SDK of a package is installed."""
    return sdk_folder(PACKAGES[package])
