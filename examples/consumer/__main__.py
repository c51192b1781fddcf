"""A project of its own that works on the clusters of a mesh, by nothing but the stack's outputs.

It makes one namespace in every cluster, with injection on, and tells where each can be reached.
"""

import pulumi
import pulumi_kubernetes as k8s

# The version of docs/outputs.md that this was written for.
SCHEMA_VERSION = 2

mesh = pulumi.StackReference(pulumi.Config().require("mesh"))

version = mesh.get_output("schemaVersion")
version.apply(
    lambda found: (
        pulumi.log.warn(f"written for outputs of version {SCHEMA_VERSION}, got {found}")
        if found != SCHEMA_VERSION
        else None
    )
)

# With a revision it is that one's istiod which injects, and with none the only one.
revision = mesh.require_output("mesh").apply(lambda about: about.get("revision"))
labels = revision.apply(
    lambda name: {"istio.io/rev": name} if name else {"istio-injection": "enabled"}
)

# The keys of the map are known only at run time; which clusters to use is this project's choice.
kubeconfigs = mesh.require_output("kubeconfigs")
for key in pulumi.Config().get_object("clusters", ["primary", "secondary"]):
    provider = k8s.Provider(
        key, kubeconfig=pulumi.Output.secret(kubeconfigs.apply(lambda all_, key=key: all_[key]))
    )
    k8s.core.v1.Namespace(
        f"{key}-shop",
        metadata={"name": "shop", "labels": labels},
        opts=pulumi.ResourceOptions(provider=provider),
    )

clusters = mesh.require_output("clusters")
pulumi.export(
    "urls",
    clusters.apply(lambda found: {k: f"http://{c['ingressAddress']}/" for k, c in found.items()}),
)
