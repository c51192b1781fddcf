"""The Secret with which pods of one namespace pull images from a registry of one's own."""

import base64
import json

import pulumi
import pulumi_kubernetes as k8s

from components.settings.registry import PULL_SECRET, RegistrySettings


def docker_config(
    registry: RegistrySettings, token: pulumi.Output[str] | None
) -> pulumi.Output[str] | None:
    """Return what docker's configuration file would hold, secret; None if nobody signs in."""
    place, username = registry.place, registry.username
    if place is None or username is None or token is None:
        return None

    def written(known: str) -> str:
        auth = base64.b64encode(f"{username}:{known}".encode()).decode()
        entry = {"username": username, "password": known, "auth": auth}
        return json.dumps({"auths": {place.partition("/")[0]: entry}})

    return pulumi.Output.secret(token.apply(written))


def create_pull_secret(
    name: str,
    config: pulumi.Output[str] | None,
    namespace: pulumi.Input[str],
    *,
    opts: pulumi.ResourceOptions,
) -> None:
    """Make the Secret in a namespace; nothing where nobody signs in."""
    if config is None:
        return
    k8s.core.v1.Secret(
        f"{name}-registry",
        metadata={"name": PULL_SECRET, "namespace": namespace},
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": config},
        opts=opts,
    )
