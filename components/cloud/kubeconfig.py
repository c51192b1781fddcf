"""Kubeconfigs as text; pure.

Those for people hold no key: their user signs in through the OCI command line. istiod takes none
that runs a program, so those for it hold the token of a service account.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from components.settings.oci import Auth, OciSettings

# What a client says when it does not find the program; Pulumi's plugins have the PATH of the shell.
_INSTALL_HINT: Final = (
    "Activate the virtual environment of oke-mesh, or install the OCI command line."
)

# A kubeconfig is a tree of plain values, whose leaves this module never computes with.
_Tree = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How `oci ce cluster generate-token` signs in; empty means profile `DEFAULT`."""

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None


def cli_sign_in(oci: OciSettings) -> SignIn:
    """Return the sign-in of the command line that equals the program's own.

    A private key that is a secret of the stack stays out: it would be part of each kubeconfig.
    The command line then takes it from the variable `OCI_CLI_KEY_CONTENT`.
    """
    profile = ("--profile", oci.profile) if oci.profile else ()
    match oci.auth:
        case Auth.SECURITY_TOKEN:
            return SignIn(arguments=("--auth", "security_token", *profile))
        case Auth.INSTANCE_PRINCIPAL:
            return SignIn(arguments=("--auth", "instance_principal"))
        case Auth.RESOURCE_PRINCIPAL:
            return SignIn(arguments=("--auth", "resource_principal"))
    given = {
        "OCI_CLI_TENANCY": oci.tenancy_id,
        "OCI_CLI_USER": oci.user_id,
        "OCI_CLI_FINGERPRINT": oci.fingerprint,
        "OCI_CLI_KEY_FILE": oci.private_key_path,
    }
    environment = {name: value for name, value in given.items() if value}
    return SignIn(arguments=profile, environment=environment)


def named_kubeconfig(
    content: str, name: str, *, sign_in: SignIn, proxy_url: str | None = None
) -> str:
    """Return OKE's kubeconfig with its cluster, user and context called `name`.

    Args:
        content: As OKE gives it: one cluster, one user.
        name: Of everything in the result.
        sign_in: Appended to the user's exec command.
        proxy_url: Through which the API server is reached, if not directly.
    """
    document = _parsed(content)
    cluster = dict(_only(document, "clusters")["cluster"])
    if proxy_url:
        cluster["proxy-url"] = proxy_url
    user = dict(_only(document, "users")["user"])
    user["exec"] = _with_sign_in(user["exec"], sign_in)
    return _one(name, cluster=cluster, user=user)


def token_kubeconfig(name: str, *, server: str, data: Mapping[str, str]) -> str:
    """Return the kubeconfig of a service account.

    Args:
        name: Of the cluster, the user and the context, as istioctl has it in a remote secret.
        server: URL of the API.
        data: `token` and `ca.crt` of the account's Secret, in base64.
    """
    token = base64.b64decode(data["token"]).decode()
    cluster = {"server": server, "certificate-authority-data": data["ca.crt"]}
    return _one(name, cluster=cluster, user={"token": token})


def merge_kubeconfigs(kubeconfigs: Mapping[str, str]) -> str:
    """Return one kubeconfig with every context; the first by key is the current one.

    Raises:
        ValueError: there is none, or two have a name in common.
    """
    documents = [_parsed(text) for _, text in sorted(kubeconfigs.items())]
    if not documents:
        raise ValueError("no kubeconfig to merge")
    merged = {part: _joined(documents, part) for part in ("clusters", "contexts", "users")}
    return _dumped(**merged, current=documents[0]["current-context"])


def _one(name: str, *, cluster: _Tree, user: _Tree) -> str:
    return _dumped(
        clusters=[{"name": name, "cluster": cluster}],
        contexts=[{"name": name, "context": {"cluster": name, "user": name}}],
        users=[{"name": name, "user": user}],
        current=name,
    )


def _joined(documents: list[_Tree], part: str) -> list[_Tree]:
    entries = [entry for document in documents for entry in document[part]]
    names = [entry["name"] for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{part} of the same name in two kubeconfigs: {', '.join(twice)}")
    return entries


def _with_sign_in(command: _Tree, sign_in: SignIn) -> _Tree:
    variables = [*(command.get("env") or [])]
    variables += [{"name": n, "value": v} for n, v in sorted((sign_in.environment or {}).items())]
    return {
        **command,
        "args": [*command["args"], *sign_in.arguments],
        "env": variables,
        "installHint": _INSTALL_HINT,
    }


def _parsed(content: str) -> _Tree:
    document = yaml.safe_load(content)
    if not isinstance(document, dict):
        raise ValueError("not a kubeconfig: its text is no map")
    return document


def _only(document: _Tree, part: str) -> _Tree:
    entries: list[_Tree] = document[part]
    if len(entries) != 1:
        raise ValueError(f"a kubeconfig of one cluster has {len(entries)} {part}")
    return entries[0]


def _dumped(
    *, clusters: list[_Tree], contexts: list[_Tree], users: list[_Tree], current: str
) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": clusters,
        "contexts": contexts,
        "current-context": current,
        "preferences": {},
        "users": users,
    }
    # Sorted keys and no line folding: equal inputs give the same bytes, so a preview stays empty.
    return yaml.safe_dump(document, sort_keys=True, default_flow_style=False, width=10_000)
