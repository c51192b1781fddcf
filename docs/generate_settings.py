"""Writes docs/settings.md from the settings' own models: `python -m docs.generate_settings`."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from components.config.tree import ANY_KEY
from components.settings.stack import DERIVED, Settings
from components.settings.types import Kind

FILE: Final = Path(__file__).with_name("settings.md")

_INTRODUCTION: Final = """\
# Settings

<!-- Written by `python -m docs.generate_settings`; edit the models or that script instead. -->

Every key belongs to the namespace `oke-mesh` of a stack's configuration, so `clusters.fra.region`
stands in `Pulumi.<stack>.yaml` as `config: oke-mesh:clusters: fra: region:`, or is set with
`pulumi config set --path oke-mesh:clusters.fra.region sanjose`. Unknown keys are refused. Faults
are reported all at once, first those of single fields, then those between fields, before anything
is made; each says where it is, what is wrong, what was given and what to do.

A map is shown with `<key>`, `<name>` or `<label>` in place of the names that you choose. A key
whose default is `none` may be left out.
"""

_SECRETS: Final = """\
## Secrets

These are keys of their own and must be encrypted: `pulumi config set --secret KEY < FILE`. They
are never shown, and stay encrypted in the state.

| Key | What it is |
| --- | --- |
| `privateKey` | The API key that signs in, where `oci.privateKeyPath` does not name its file. |
| `privateKeyPassphrase` | The passphrase of that key. |
| `caRootKey` | The key of `pki.rootCertPem`, not under a passphrase. |
| `registryToken` | The token of `mesh.registry.username`, with which pods pull images. |
| `caIntermediateKeys.<key>` | The keys of `pki.intermediates`, set with `--path`. |
| `huggingFaceToken` | With which the model of `demos.chat` is fetched, where it needs a login. |
| `alertReceiver` | URL or key of what takes alerts, as `observability.alerts.receiver` says. |
| `kialiClientSecret` | What Kiali shows the provider of `observability.kiali.openId`. |

## What is decided once

Of a cluster: `region`, `compartmentId`, `vcnCidr`, `subnets`, `existing`, `podsCidr`,
`servicesCidr`, `cni`, `kmsKeyId`, and `endpoint`, since a subnet that takes public addresses is
another subnet. A change of these is a new cluster, and what runs on the old one is lost; Pulumi
refuses it as long as `protection` is on. Add a cluster under another key instead, move what runs
there, and take the old one out.

Of the mesh: `pki.rootValidityDays`, and `mesh.id` as far as it is in the root's subject, are read
when the root is made. A change later leaves it as it is.

## What has to fit together

- Ranges: no VCN may overlap another, and no range of pods or services any VCN. Equal ranges of
  flannel pods on different networks are fine, as are equal ranges of services.
- Roles: a remote names an enabled primary; a primary names none. Clusters that share a network
  need VCN-native pods.
- Sizes: every subnet has an address for all nodes, pods and load balancers it may hold at once,
  while cycling or scaled out too.
- Versions: Kubernetes is not older than the Istio release takes; nodes are not newer than their
  cluster, nor more than three minors older; istioctl is at most one minor away from the mesh.
- Access: a public endpoint says who may reach it; private ones need `access.cluster`, or
  `access.mode: direct` with who calls them. Nothing but the gateways is open to everybody.
- A network of your own: a VCN brings every subnet, with its range under `subnets` too; one DRG
  for each region.
- Signing in: `tenancyId`, `userId`, `fingerprint` and a key come together, or a `profile` does.
- Certificates: `rootCertPem` comes with `caRootKey`, unless every primary has an intermediate.
- Places: any region identifier is taken, of every realm of Oracle Cloud; regions and OCIDs are of
  the realm that `oci.compartmentId` is in.
- Tags: what is in `access.definedTags` is on the operator host alone, since its dynamic group is
  matched by it. What the tenancy sets by itself is named under `oci.ignoreDefinedTags`.
- Traffic: the weights of a route add up to 100, nearness comes with outlier detection, and a
  service has one entry ([traffic.md](traffic.md)).
- Hosts: a name is one host's; with an ACME server, which calls by HTTP, gateways are public and a
  name of your own leads to one of them. Hosts outside need the egress gateway and open ports.
- Observability: its home is an enabled cluster, and a primary with Kiali; a page's host has HTTPS;
  of several clusters Kiali needs an OpenID provider ([observability.md](observability.md)).
- A GitOps tool: it has namespaces, or the whole cluster; none of them is the program's or one of
  Kubernetes; the cluster that it runs in is enabled ([gitops.md](gitops.md)).
- What would have no effect is refused rather than ignored.
"""


class _Section(NamedTuple):
    path: str
    model: type[BaseModel]


def render() -> str:
    """Return the whole page."""
    tables = [_table(section) for section in _sections(_Section("", Settings))]
    return "\n".join([_INTRODUCTION, *tables, _SECRETS])


def _sections(section: _Section) -> Iterator[_Section]:
    """Yield the models below `section`, each with the path of its keys, and itself first."""
    yield section
    for key, field in _fields(section.model):
        model = _model_in(field.annotation)
        if model:
            mark = "[]" if get_origin(field.annotation) is tuple else ""
            below = [section.path, key + mark, *([ANY_KEY[key]] if key in ANY_KEY else [])]
            yield from _sections(_Section(".".join(filter(None, below)), model))


def _table(section: _Section) -> str:
    title = f"`{section.path}`" if section.path else "Documents"
    about = " ".join((section.model.__doc__ or "").split())
    rows = [
        f"| `{key}` | {_kind(field)} | {_default(key, field)} | {_about(field)} |"
        for key, field in _fields(section.model)
    ]
    head = ["| Key | Value | Default | What it says |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {title}", "", about, "", *head, *rows, ""])


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _about(field: FieldInfo) -> str:
    model = _model_in(field.annotation)
    text = field.description or (model.__doc__ if model else None)
    if not text:
        raise ValueError(f"a setting without a description: {field!r}")
    return " ".join(text.split()).replace("|", "\\|")


def _default(key: str, field: FieldInfo) -> str:
    if key in DERIVED:
        return f"`{DERIVED[key].format(key='<key>')}`"
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, dict) and value:
        return f"one, `{next(iter(value))}`"
    return "none" if value in (None, (), {}) else _written(value)


def _written(value: object) -> str:
    """Return a plain value as YAML has it."""
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    shown = value.value if isinstance(value, Enum) else value
    return f"`{str(shown).lower() if isinstance(shown, bool) else shown}`"


def _kind(field: FieldInfo) -> str:
    return _kind_of(field.annotation, field.metadata)


def _kind_of(annotation: Any, metadata: list[Any]) -> str:
    """Return words for what `annotation` takes; `metadata` is what stands beside it."""
    named = next((item.text for item in metadata if isinstance(item, Kind)), None)
    if named:
        return str(named)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind_of(arguments[0], _flat(arguments[1:]))
    if NoneType in arguments:
        return _kind_of(next(a for a in arguments if a is not NoneType), metadata)
    if origin is tuple:
        return f"list: {_kind_of(arguments[0], [])}"
    if origin is dict:
        return "map"
    return _plain_kind(annotation, metadata)


def _flat(metadata: tuple[Any, ...]) -> list[Any]:
    """Take the bounds out of fields that stand in a type of their own."""
    return [
        part
        for item in metadata
        for part in (item.metadata if isinstance(item, FieldInfo) else [item])
    ]


def _plain_kind(annotation: Any, metadata: list[Any]) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{choice.value}`" for choice in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "map"
    words = {bool: "`true` or `false`", str: "text", int: "whole number", float: "number"}
    return words[annotation] + _bounds(metadata)


def _bounds(metadata: list[Any]) -> str:
    least = [f" from {item.ge:g}" for item in metadata if isinstance(item, Ge)]
    most = [f" to {item.le:g}" for item in metadata if isinstance(item, Le)]
    return "".join([*least, *most])


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in models if model), None)


def main() -> None:
    """Write the page."""
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
