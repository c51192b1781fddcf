"""Every version that the program pins; a change here is a change of what gets deployed."""

from typing import Final

# renovate: datasource=helm depName=istiod registryUrl=https://istio-release.storage.googleapis.com/charts
ISTIO: Final = "1.31.4"

# The chart repository of the Istio project, https://istio.io/latest/docs/setup/install/helm/
ISTIO_CHARTS: Final = "https://istio-release.storage.googleapis.com/charts"

# renovate: datasource=helm depName=cert-manager registryUrl=https://charts.jetstack.io
CERT_MANAGER: Final = "1.21.2"

# The chart repository of the project, https://cert-manager.io/docs/installation/helm/
CERT_MANAGER_CHARTS: Final = "https://charts.jetstack.io"

# renovate: datasource=helm depName=prometheus registryUrl=https://prometheus-community.github.io/helm-charts
PROMETHEUS_CHART: Final = "29.27.0"

PROMETHEUS_CHARTS: Final = "https://prometheus-community.github.io/helm-charts"

# renovate: datasource=helm depName=grafana registryUrl=https://grafana-community.github.io/helm-charts
GRAFANA_CHART: Final = "12.11.1"

GRAFANA_CHARTS: Final = "https://grafana-community.github.io/helm-charts"

# renovate: datasource=helm depName=kiali-server registryUrl=https://kiali.org/helm-charts
KIALI_CHART: Final = "2.29.0"

KIALI_CHARTS: Final = "https://kiali.org/helm-charts"

# renovate: datasource=helm depName=jaeger registryUrl=https://jaegertracing.github.io/helm-charts
JAEGER_CHART: Final = "4.11.1"

JAEGER_CHARTS: Final = "https://jaegertracing.github.io/helm-charts"

# renovate: datasource=pypi depName=oci-cli
OCI_CLI: Final = "3.95.1"

# renovate: datasource=docker depName=istio/examples-helloworld-v1
HELLOWORLD: Final = "1.0"

# renovate: datasource=docker depName=curlimages/curl
CURL: Final = "8.16.0"

# renovate: datasource=docker depName=registry.istio.io/release/examples-bookinfo-productpage-v1
BOOKINFO: Final = "1.20.3"

# renovate: datasource=docker depName=ghcr.io/open-webui/open-webui
OPEN_WEBUI: Final = "0.11.3"

# renovate: datasource=docker depName=lmsysorg/sglang
SGLANG: Final = "0.5.18"

# Releases with which a mesh of several clusters breaks, and why.
ISTIO_BROKEN: Final = {
    **dict.fromkeys(
        ("1.30.0", "1.30.1", "1.30.2", "1.30.3"),
        "loses the endpoints of a cluster whose remote secret changes (istio/istio#61043)",
    ),
    "1.29.0": "panics in a mesh of several clusters (istio/istio#59153)",
}

# Oldest Kubernetes minor for each Istio minor, as `istioctl x precheck` of that release has it.
ISTIO_MINIMUM_KUBERNETES: Final = {
    (1, 27): (1, 29),
    (1, 28): (1, 30),
    (1, 29): (1, 31),
    (1, 30): (1, 32),
    (1, 31): (1, 32),
}

# Newest Kubernetes minor that each Istio minor is tested with, so that a cluster whose version is
# not set gets one of them, https://istio.io/latest/docs/releases/supported-releases/. 1.31 is not
# listed there yet as of 2026-11; its successor to 1.36 stays out until it is.
ISTIO_NEWEST_KUBERNETES: Final = {
    (1, 27): (1, 33),
    (1, 28): (1, 34),
    (1, 29): (1, 35),
    (1, 30): (1, 36),
    (1, 31): (1, 36),
}
