"""Roles, names and versions of clusters."""

import pytest

from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import SSH_KEY, cluster

TABLE = [
    wrong(
        "all clusters disabled",
        {"clusters__primary__enabled": False, "clusters__secondary__enabled": False},
        "clusters: has no enabled entry, got 2 disabled; set enabled to true on one",
    ),
    wrong(
        "a remote without primary",
        {"clusters__secondary__role": "remote"},
        (
            "clusters.secondary.primary: is missing for a remote, got nothing; the enabled "
            "primaries are primary"
        ),
    ),
    wrong(
        "a remote of an unknown cluster",
        {"clusters__secondary__role": "remote", "clusters__secondary__primary": "primry"},
        (
            "clusters.secondary.primary: is not a cluster, got 'primry'; did you mean primary? "
            "the enabled primaries are primary"
        ),
    ),
    wrong(
        "a remote of a disabled cluster",
        {
            "clusters__third": cluster(2),
            "clusters__secondary__role": "remote",
            "clusters__secondary__primary": "primary",
            "clusters__primary__enabled": False,
        },
        (
            "clusters.secondary.primary: is a disabled cluster, got 'primary'; enable it, or "
            "choose another: the enabled primaries are third"
        ),
    ),
    wrong(
        "a remote of itself",
        {"clusters__secondary__role": "remote", "clusters__secondary__primary": "secondary"},
        (
            "clusters.secondary.primary: is the cluster itself, got 'secondary'; the enabled "
            "primaries are primary"
        ),
    ),
    wrong(
        "a remote of a remote",
        {
            "clusters__third": cluster(2, role="remote", primary="secondary"),
            "clusters__secondary__role": "remote",
            "clusters__secondary__primary": "primary",
        },
        (
            "clusters.third.primary: is itself a remote, got 'secondary'; the enabled primaries "
            "are primary"
        ),
    ),
    wrong(
        "remotes without any primary",
        {
            "clusters__primary__role": "remote",
            "clusters__primary__primary": "secondary",
            "clusters__secondary__role": "remote",
            "clusters__secondary__primary": "primary",
        },
        (
            "clusters.primary.primary: is itself a remote, got 'secondary'; the enabled "
            "primaries are none"
        ),
        (
            "clusters.secondary.primary: is itself a remote, got 'primary'; the enabled "
            "primaries are none"
        ),
    ),
    wrong(
        "a primary of a primary",
        {"clusters__secondary__primary": "primary"},
        (
            "clusters.secondary.primary: is only for a remote, got 'primary'; remove it, or set "
            "role to remote"
        ),
    ),
    wrong(
        "two clusters of one name",
        {"clusters__primary__name": "mesh", "clusters__secondary__name": "mesh"},
        (
            "clusters.secondary.name: is the same as clusters.primary.name, got 'mesh'; give "
            "each cluster its own"
        ),
    ),
    wrong(
        "two clusters of one sample version",
        {"clusters__primary__sampleVersion": "v1", "clusters__secondary__sampleVersion": "v1"},
        (
            "clusters.secondary.sampleVersion: is the same as clusters.primary.sampleVersion, so "
            "that answers could not be told apart, got 'v1'; give each cluster its own, or set "
            "mesh.samples to false"
        ),
    ),
    wrong(
        "a key that is no DNS label",
        {"clusters__aaaaaaaaaaaaaaaa": cluster(2)},
        (
            "clusters.aaaaaaaaaaaaaaaa: gives the VCN no DNS label of at most 15 letters and "
            "digits, got 'aaaaaaaaaaaaaaaa'; choose a shorter key"
        ),
    ),
    wrong(
        "a key that begins with another",
        {"clusters__primary-2": cluster(2)},
        (
            "clusters.primary-2: begins like clusters.primary, so that names of their resources "
            "could be equal, got 'primary-2'; choose a key that does not begin with primary-"
        ),
    ),
    wrong(
        "node pools of two clusters with one name",
        {
            "clusters": {
                "a": cluster(0, nodePools={"b-c": {}}),
                "a-b": cluster(1, nodePools={"c": {}}),
            },
        },
        (
            "clusters.a-b: begins like clusters.a, so that names of their resources could be "
            "equal, got 'a-b'; choose a key that does not begin with a-"
        ),
    ),
    wrong(
        "a key of which too many letters are left for a DNS label",
        {"clusters__aaaa-bbbb-cccc-dddd": cluster(2)},
        (
            "clusters.aaaa-bbbb-cccc-dddd: gives the VCN no DNS label of at most 15 letters and "
            "digits, got 'aaaa-bbbb-cccc-dddd'; choose a shorter key"
        ),
    ),
    wrong(
        "a revision too long for Helm",
        {"mesh__istio__revision": "r" * 47},
        (
            "mesh.istio.revision: is longer than 46 letters, so that istiod-<revision> is too "
            "long for Helm, got 'rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr'; shorten it"
        ),
    ),
    wrong(
        "a reserved revision",
        {"mesh__istio__revision": "default"},
        (
            "mesh.istio.revision: is a name that Istio reserves, got 'default'; leave it out, or "
            "choose a name such as 1-30-3"
        ),
    ),
    wrong(
        "an Istio that is too old",
        {"mesh__istio__version": "1.26.4"},
        (
            "mesh.istio.version: is of a minor that this program does not know, got '1.26.4'; "
            "choose a release of 1.27, 1.28, 1.29, 1.30, 1.31"
        ),
    ),
    wrong(
        "an Istio that is not known",
        {"mesh__istio__version": "1.99.0"},
        (
            "mesh.istio.version: is of a minor that this program does not know, got '1.99.0'; "
            "choose a release of 1.27, 1.28, 1.29, 1.30, 1.31"
        ),
    ),
    *(
        wrong(
            f"Istio {version}, which breaks meshes",
            {"mesh__istio__version": version},
            (
                f"mesh.istio.version: is a release that {fault}, got '{version}'; choose a later "
                "one, such as 1.31.4"
            ),
        )
        for version, fault in (
            ("1.29.0", "panics in a mesh of several clusters (istio/istio#59153)"),
            *(
                (
                    f"1.30.{patch}",
                    (
                        "loses the endpoints of a cluster whose remote secret changes "
                        "(istio/istio#61043)"
                    ),
                )
                for patch in range(4)
            ),
        )
    ),
    wrong(
        "Kubernetes too old for admission policies",
        {
            "clusters__primary__kubernetesVersion": "v1.29.1",
            "mesh__istio": {"version": "1.27.0"},
            "mesh__loadBalancers": "internal",
        },
        (
            "clusters.primary.kubernetesVersion: has no admission policies, by which "
            "mesh.loadBalancers: internal refuses, got 'v1.29.1'; choose at least v1.30, or set "
            "that to any"
        ),
    ),
    wrong(
        "Kubernetes too old for Istio",
        {"clusters__primary__kubernetesVersion": "v1.31.1"},
        (
            "clusters.primary.kubernetesVersion: is older than Istio 1.31.4 takes, got "
            "'v1.31.1'; choose at least v1.32, or an older mesh.istio.version"
        ),
    ),
    wrong(
        "nodes newer than their cluster",
        {
            "clusters__primary__kubernetesVersion": "v1.34.2",
            "clusters__primary__nodePools__np1__kubernetesVersion": "v1.35.0",
        },
        (
            "clusters.primary.nodePools.np1.kubernetesVersion: is newer than "
            "clusters.primary.kubernetesVersion (v1.34.2), got 'v1.35.0'; upgrade the cluster "
            "first"
        ),
    ),
    wrong(
        "nodes newer by a patch",
        {
            "clusters__primary__kubernetesVersion": "v1.34.2",
            "clusters__primary__nodePools__np1__kubernetesVersion": "v1.34.3",
        },
        (
            "clusters.primary.nodePools.np1.kubernetesVersion: is newer than "
            "clusters.primary.kubernetesVersion (v1.34.2), got 'v1.34.3'; upgrade the cluster "
            "first"
        ),
    ),
    wrong(
        "nodes too old for their cluster",
        {
            "clusters__primary__kubernetesVersion": "v1.34.2",
            "clusters__primary__nodePools__np1__kubernetesVersion": "v1.30.9",
        },
        (
            "clusters.primary.nodePools.np1.kubernetesVersion: is more than 3 minors older than "
            "clusters.primary.kubernetesVersion (v1.34.2), got 'v1.30.9'; upgrade the nodes first"
        ),
    ),
    wrong(
        "istioctl too new",
        {
            "access": {
                "cluster": "primary",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
                "istioctl": "1.33.0",
            }
        },
        (
            "access.istioctl: is more than 1 minor away from mesh.istio.version (1.31.4), got "
            "'1.33.0'; choose a release of the same minor, or leave it out"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
