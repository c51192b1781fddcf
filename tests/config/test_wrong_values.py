"""Values of the wrong type, size or form."""

import pytest

from tests.config.wrong import Wrong, assert_refused, wrong

TABLE = [
    wrong(
        "an unknown region",
        {"clusters__primary__region": "us-sanjoze-1"},
        (
            "clusters.primary.region: is not a region of Oracle Cloud, got 'us-sanjoze-1'; did "
            "you mean us-sanjose-1?"
        ),
    ),
    wrong(
        "a region that is a number",
        {"clusters__primary__region": 1},
        (
            "clusters.primary.region: is a number, not text, got 1; write an identifier "
            "such as us-sanjose-1"
        ),
    ),
    wrong(
        "an ambiguous short region",
        {"clusters__primary__region": "singapore"},
        (
            "clusters.primary.region: is short for several regions, got 'singapore'; write "
            "ap-singapore-1 or ap-singapore-2"
        ),
    ),
    wrong(
        "a misspelt role",
        {"clusters__primary__role": "primry"},
        (
            "clusters.primary.role: is not one of the choices, got 'primry'; did you mean "
            "primary? the choices are primary, remote"
        ),
    ),
    wrong(
        "an unknown cni",
        {"clusters__primary__cni": "calico"},
        (
            "clusters.primary.cni: is not one of the choices, got 'calico'; the choices are "
            "flannel, vcnNative"
        ),
    ),
    wrong(
        "an unknown cluster type",
        {"clusters__primary__type": "virtual"},
        (
            "clusters.primary.type: is not one of the choices, got 'virtual'; the choices are "
            "basic, enhanced"
        ),
    ),
    wrong(
        "an unknown endpoint",
        {"clusters__primary__endpoint": "both"},
        (
            "clusters.primary.endpoint: is not one of the choices, got 'both'; the choices are "
            "private, public"
        ),
    ),
    wrong(
        "an unknown way to sign in",
        {"oci__auth": "password"},
        (
            "oci.auth: is not one of the choices, got 'password'; the choices are apiKey, "
            "instancePrincipal, resourcePrincipal, securityToken"
        ),
    ),
    wrong(
        "an unknown exposure",
        {"mesh__ingress__exposure": "external"},
        (
            "mesh.ingress.exposure: is not one of the choices, got 'external'; did you mean "
            "internal? the choices are internal, public"
        ),
    ),
    wrong(
        "an unknown mtls mode",
        {"mesh__mtls": "strict"},
        (
            "mesh.mtls: is not one of the choices, got 'strict'; did you mean STRICT? the "
            "choices are PERMISSIVE, STRICT"
        ),
    ),
    wrong(
        "an unknown Oracle Linux",
        {"clusters__primary__nodePools__np1__image__osVersion": "7"},
        (
            "clusters.primary.nodePools.np1.image.osVersion: is not one of the choices, got '7'; "
            "the choices are 8, 9"
        ),
    ),
    wrong(
        "Oracle Linux as a number",
        {"clusters__primary__nodePools__np1__image__osVersion": 8},
        (
            "clusters.primary.nodePools.np1.image.osVersion: is a number, not text, got "
            "8; write one of these in quotes: 8, 9"
        ),
    ),
    wrong(
        "a switch that is text",
        {"mesh__enabled": "yes"},
        "mesh.enabled: is neither true nor false, got 'yes'; write true or false without quotes",
    ),
    wrong(
        "a switch that is a number",
        {"clusters__primary__enabled": 1},
        (
            "clusters.primary.enabled: is neither true nor false, got 1; write true or false "
            "without quotes"
        ),
    ),
    wrong(
        "a size in quotes",
        {"clusters__primary__nodePools__np1__size": "2"},
        (
            "clusters.primary.nodePools.np1.size: is not a whole number, got '2'; write a whole "
            "number without quotes"
        ),
    ),
    wrong(
        "a negative size",
        {"clusters__primary__nodePools__np1__size": -1},
        "clusters.primary.nodePools.np1.size: is less than 0, got -1; write at least 0",
    ),
    wrong(
        "half a node",
        {"clusters__primary__nodePools__np1__size": 2.5},
        (
            "clusters.primary.nodePools.np1.size: is not a whole number, got 2.5; write a whole "
            "number without quotes"
        ),
    ),
    wrong(
        "OCPUs in words",
        {"clusters__primary__nodePools__np1__ocpus": "two"},
        (
            "clusters.primary.nodePools.np1.ocpus: is not a number, got 'two'; write a number "
            "without quotes"
        ),
    ),
    wrong(
        "half an OCPU",
        {"clusters__primary__nodePools__np1__ocpus": 0.5},
        "clusters.primary.nodePools.np1.ocpus: is less than 1, got 0.5; write at least 1",
    ),
    wrong(
        "endless memory",
        {"clusters__primary__nodePools__np1__memoryGb": float("inf")},
        (
            "clusters.primary.nodePools.np1.memoryGb: is not a finite number, got inf; write a "
            "number"
        ),
    ),
    wrong(
        "a boot volume too small",
        {"clusters__primary__nodePools__np1__bootVolumeGb": 40},
        ("clusters.primary.nodePools.np1.bootVolumeGb: is less than 50, got 40; write at least 50"),
    ),
    wrong(
        "a boot volume too large",
        {"clusters__primary__nodePools__np1__bootVolumeGb": 40000},
        (
            "clusters.primary.nodePools.np1.bootVolumeGb: is more than 32768, got 40000; write "
            "at most 32768"
        ),
    ),
    wrong(
        "too many pods per node",
        {"clusters__primary__nodePools__np1__maxPodsPerNode": 111},
        (
            "clusters.primary.nodePools.np1.maxPodsPerNode: is more than 110, got 111; write at "
            "most 110"
        ),
    ),
    wrong(
        "a fourth availability domain",
        {"clusters__primary__nodePools__np1__availabilityDomains": [1, 4]},
        (
            "clusters.primary.nodePools.np1.availabilityDomains[1]: is more than 3, got 4; write "
            "at most 3"
        ),
    ),
    wrong(
        "an eviction that takes hours",
        {"clusters__primary__nodePools__np1__evictionGraceMinutes": 90},
        (
            "clusters.primary.nodePools.np1.evictionGraceMinutes: is more than 60, got 90; write "
            "at most 60"
        ),
    ),
    wrong(
        "too little bandwidth",
        {"mesh__eastWest__minMbps": 5},
        "mesh.eastWest.minMbps: is less than 10, got 5; write at least 10",
    ),
    wrong(
        "too much bandwidth",
        {"mesh__eastWest__maxMbps": 9000},
        "mesh.eastWest.maxMbps: is more than 8000, got 9000; write at most 8000",
    ),
    wrong(
        "no replicas",
        {"mesh__ingress__replicas": 0},
        "mesh.ingress.replicas: is less than 1, got 0; write at least 1",
    ),
    wrong(
        "a privileged port",
        {"access__socksPort": 80},
        "access.socksPort: is less than 1024, got 80; write at least 1024",
    ),
    wrong(
        "a validity of no days",
        {"pki__rootValidityDays": 0},
        "pki.rootValidityDays: is less than 1, got 0; write at least 1",
    ),
    wrong(
        "no requests to verify with",
        {"verification__requests": 0},
        "verification.requests: is less than 1, got 0; write at least 1",
    ),
    wrong(
        "a shape of another cloud",
        {"clusters__primary__nodePools__np1__shape": "m5.large"},
        (
            "clusters.primary.nodePools.np1.shape: is not a shape, got 'm5.large'; write it as "
            "VM.Standard.E4.Flex"
        ),
    ),
    wrong(
        "a shape without its last part",
        {"clusters__primary__nodePools__np1__shape": "BM.GPU.A100-.8"},
        (
            "clusters.primary.nodePools.np1.shape: is not a shape, got 'BM.GPU.A100-.8'; write "
            "it as VM.Standard.E4.Flex"
        ),
    ),
    wrong(
        "a Kubernetes version without v",
        {"clusters__primary__kubernetesVersion": "1.34.2"},
        (
            "clusters.primary.kubernetesVersion: is not a Kubernetes version, got "
            "'1.34.2'; write v1.34.2"
        ),
    ),
    wrong(
        "an Istio version without patch",
        {"mesh__istio__version": "1.30"},
        "mesh.istio.version: is not a version, got '1.30'; write it as 1.31.4",
    ),
    wrong(
        "an Istio version that YAML reads as a number",
        {"mesh__istio__version": 1.3},
        ("mesh.istio.version: is a number, not text, got 1.3; write it as 1.31.4"),
    ),
    wrong(
        "a name with a period",
        {"clusters__primary__name": "primary.cluster"},
        ("clusters.primary.name: is not a DNS label, got 'primary.cluster'; write primary-cluster"),
    ),
    wrong(
        "a name that is too long",
        {"clusters__primary__name": "a" * 64},
        (
            "clusters.primary.name: is longer than 63 letters, got "
            "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; shorten it"
        ),
    ),
    wrong(
        "a network with a space",
        {"clusters__primary__network": "network 1"},
        ("clusters.primary.network: is not a DNS label, got 'network 1'; write network-1"),
    ),
    wrong(
        "a trust domain with an underscore",
        {"mesh__trustDomain": "oke_local"},
        (
            "mesh.trustDomain: is not a trust domain, got 'oke_local'; write it as a domain name "
            "in lower case such as oke.local"
        ),
    ),
    wrong(
        "a trust domain that is too long",
        {"mesh__trustDomain": "a." * 127 + "aa"},
        (
            "mesh.trustDomain: is not a trust domain, got a text of 256 letters; write it as a "
            "domain name in lower case such as oke.local"
        ),
    ),
    wrong(
        "an unknown log level",
        {"mesh__istio__logLevel": "default:trace"},
        (
            "mesh.istio.logLevel: is not a list of Istio log levels, got 'default:trace'; write "
            "it as default:info or default:info,ads:debug"
        ),
    ),
    wrong(
        "charts without encryption",
        {"mesh__istio__charts": "http://charts.example.com"},
        (
            "mesh.istio.charts: is not a place of charts that is safe to read, got "
            "'http://charts.example.com'; write it as https://..., oci://... or the path of a "
            "folder"
        ),
    ),
    wrong(
        "a CPU request in words",
        {"mesh__istio__cpuRequest": "half"},
        ("mesh.istio.cpuRequest: is not an amount of CPU, got 'half'; write it as 500m or 2"),
    ),
    wrong(
        "an empty profile",
        {"oci__profile": ""},
        "oci.profile: is empty, got ''; write it, or leave the key out",
    ),
    wrong(
        "a fingerprint of SHA256",
        {"oci__fingerprint": "SHA256:abc"},
        (
            "oci.fingerprint: is not the fingerprint of a key, got 'SHA256:abc'; write it as 16 "
            "pairs of hexadecimal digits with colons between them"
        ),
    ),
    wrong(
        "values that are text",
        {"mesh__istio__values": "global.hub=x"},
        (
            "mesh.istio.values: is not a map, got 'global.hub=x'; write its keys below it, each "
            "with its value"
        ),
    ),
    wrong(
        "tags that are a list",
        {"tags": ["a"]},
        "tags: is not a map, got a list; write its keys below it, each with its value",
    ),
    wrong(
        "a tag that is a number",
        {"tags": {"cost": 1}},
        ("tags.cost: is a number, not text, got 1; put it in quotes"),
    ),
    wrong(
        "a node label that is true",
        {"clusters__primary__nodePools__np1__labels": {"example.com/gpu": True}},
        (
            'clusters.primary.nodePools.np1.labels["example.com/gpu"]: is true or false, '
            "not text, got True; put the text in quotes"
        ),
    ),
    wrong(
        "allowed ranges that are text",
        {"clusters__primary__allowedCidrs": "192.0.2.0/24"},
        (
            "clusters.primary.allowedCidrs: is not a list, got '192.0.2.0/24'; write a list, "
            "such as [a, b]"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
