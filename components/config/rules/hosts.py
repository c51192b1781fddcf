"""Host names at the gateways, and their certificates: that each can be reached and signed."""

from collections.abc import Iterator
from typing import Final

from components.config.report import closest
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.clusters import Role
from components.settings.hosts import Issuer
from components.settings.mesh import Exposure

_HTTPS: Final = "mesh.ingress.https"
_HOSTS: Final = "mesh.ingress.hosts"


def _unknown_clusters(given: Given) -> Iterator[Problem]:
    for name, host in given.settings.mesh.ingress.hosts.items():
        for number, key in enumerate(host.clusters):
            if key not in given.settings.clusters:
                yield problem(
                    f"{_HOSTS}.{name}.clusters[{number}]",
                    "is not a cluster",
                    got=key,
                    remedy=closest(key, given.settings.clusters, "the clusters"),
                )


def _names_once(given: Given) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name, host in given.settings.mesh.ingress.hosts.items():
        for number, called in enumerate(host.names):
            earlier = taken.setdefault(called, name)
            if earlier != name:
                yield problem(
                    f"{_HOSTS}.{name}.names[{number}]",
                    f"is a name of {earlier} already",
                    got=called,
                    remedy="give one service each name, and each path of it",
                )


def _no_paths(given: Given) -> Iterator[Problem]:
    for name, host in given.settings.mesh.ingress.hosts.items():
        if not host.paths:
            yield problem(
                f"{_HOSTS}.{name}.paths",
                "has no entries, so that nothing would be answered",
                got=(),
                remedy="name what paths begin with, or leave it out for all of them",
            )


def _without_hosts(given: Given) -> Iterator[Problem]:
    ingress = given.settings.mesh.ingress
    if ingress.https and not ingress.hosts:
        yield problem(
            _HTTPS,
            "has no effect without mesh.ingress.hosts",
            got=ingress.https,
            remedy="name a host with its service, or remove it",
        )
    if "base_domain" in ingress.model_fields_set and all(
        host.names for host in ingress.hosts.values()
    ):
        yield problem(
            "mesh.ingress.baseDomain",
            "has no effect, as every host has names of its own",
            got=ingress.base_domain,
            remedy="remove it, or the names of a host",
        )


def _idle_parts(given: Given) -> Iterator[Problem]:
    """What another issuer than the chosen one would read."""
    https = given.settings.mesh.ingress.https
    if https is None:
        return
    is_acme = https.issuer is Issuer.ACME
    idle: dict[str, object] = {}
    if "acme" in https.model_fields_set and not is_acme:
        idle["acme"] = https.acme
    if "cert_manager" in https.model_fields_set and not https.needs_cert_manager:
        idle["certManager"] = https.cert_manager
    if "validity_days" in https.model_fields_set and is_acme:
        idle["validityDays"] = https.validity_days
    for key, got in idle.items():
        fault = f"has no effect with the issuer {https.issuer}"
        remedy = "remove it, or choose another issuer"
        yield problem(f"{_HTTPS}.{key}", fault, got=got, remedy=remedy)
    manager = https.cert_manager
    if not manager.install and manager.model_fields_set - {"install"}:
        yield problem(
            f"{_HTTPS}.certManager",
            "says what to install beside install: false",
            got=manager,
            remedy="keep install alone, or set it to true",
        )


def _strict_transport(given: Given) -> Iterator[Problem]:
    https = given.settings.mesh.ingress.https
    if https and https.hsts_days and not https.redirect:
        yield problem(
            f"{_HTTPS}.hstsDays",
            "asks browsers for HTTPS only, while redirect is false",
            got=https.hsts_days,
            remedy="set redirect to true, or hstsDays to 0",
        )


def _validities(given: Given) -> Iterator[Problem]:
    https, pki = given.settings.mesh.ingress.https, given.settings.pki
    if https is None:
        return
    if https.early_renewal_days >= https.validity_days:
        yield problem(
            f"{_HTTPS}.earlyRenewalDays",
            f"is not less than validityDays ({https.validity_days})",
            got=https.early_renewal_days,
            remedy="choose fewer days, or it would be renewed all the time",
        )
    is_below = https.issuer in {Issuer.STACK, Issuer.CA}
    if is_below and https.validity_days > pki.early_renewal_days:
        yield problem(
            f"{_HTTPS}.validityDays",
            f"is more than pki.earlyRenewalDays ({pki.early_renewal_days}), so that it may outlive "
            "the intermediate that signs",
            got=https.validity_days,
            remedy="choose at most that, or more pki.earlyRenewalDays",
        )


_AT_A_REMOTE: Final = {
    # With `ca` the key that signs is in the cluster, and that of a primary stays in its own.
    Issuer.CA: "would put the signing key of a primary into its remote {}",
    # cert-manager answers by an Ingress, which an istiod reads in its own cluster alone.
    Issuer.ACME: "has nobody to answer challenges in the remote {}, whose primary has the routes",
}


def _remotes(given: Given) -> Iterator[Problem]:
    ingress = given.settings.mesh.ingress
    if ingress.https is None or ingress.https.issuer not in _AT_A_REMOTE:
        return
    remotes = [
        key
        for key, cluster in given.clusters.items()
        if cluster.role is Role.REMOTE and any(host.is_at(key) for host in ingress.hosts.values())
    ]
    if remotes:
        yield problem(
            f"{_HTTPS}.issuer",
            _AT_A_REMOTE[ingress.https.issuer].format(remotes[0]),
            got=ingress.https.issuer,
            remedy="choose stack or selfSigned, or leave it out of the clusters of each host",
        )


def _challenges(given: Given) -> Iterator[Problem]:
    """Whether an ACME server, which calls by HTTP from wherever it is, finds who asked it."""
    ingress = given.settings.mesh.ingress
    https = ingress.https
    if https is None or https.issuer is not Issuer.ACME:
        return
    yield from _closed_to_challenges(given)
    for name, host in ingress.hosts.items():
        keys = [key for key in given.clusters if host.is_at(key)]
        if host.names and len(keys) > 1:
            yield problem(
                f"{_HOSTS}.{name}.names",
                f"leads to one of {len(keys)} gateways, so that a challenge of the ACME server "
                "reaches another than asked",
                got=host.names,
                remedy="give one cluster under clusters, leave names out, or choose another issuer",
            )


def _closed_to_challenges(given: Given) -> Iterator[Problem]:
    ingress = given.settings.mesh.ingress
    remedy = "open it to anyone, or choose another issuer than acme"
    fault = "keeps the ACME server out, which calls from anywhere"
    if ingress.exposure is not Exposure.PUBLIC:
        yield problem("mesh.ingress.exposure", fault, got=ingress.exposure, remedy=remedy)
    if ingress.allowed_cidrs:
        yield problem("mesh.ingress.allowedCidrs", fault, got=ingress.allowed_cidrs, remedy=remedy)


RULES: Final[tuple[Rule, ...]] = (
    _unknown_clusters,
    _names_once,
    _no_paths,
    _without_hosts,
    _idle_parts,
    _strict_transport,
    _validities,
    _remotes,
    _challenges,
)
