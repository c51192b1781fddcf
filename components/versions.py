"""Every version that the program pins; a change here is a change of what gets deployed."""

from typing import Final

# renovate: datasource=helm depName=istiod registryUrl=https://istio-release.storage.googleapis.com/charts
ISTIO: Final = "1.31.4"

# The chart repository of the Istio project, https://istio.io/latest/docs/setup/install/helm/
ISTIO_CHARTS: Final = "https://istio-release.storage.googleapis.com/charts"

# renovate: datasource=github-releases depName=oracle/oci-cloud-controller-manager
KUBERNETES: Final = "v1.34.2"

# The build of Oracle's worker image, the last part of `Oracle-Linux-8.10-...-OKE-1.34.2-1234`.
# Pinned, because every newer image would otherwise be a change to every node pool.
OKE_IMAGE_BUILD: Final = 1330

# The platform image of the operator host. Its OCID differs by region, its name does not.
OPERATOR_IMAGE: Final = "Oracle-Linux-9.6-2026.05.20-0"

# renovate: datasource=pypi depName=oci-cli
OCI_CLI: Final = "3.95.1"

# renovate: datasource=docker depName=istio/examples-helloworld-v1
HELLOWORLD: Final = "1.0"

# renovate: datasource=docker depName=curlimages/curl
CURL: Final = "8.16.0"

# Oldest Kubernetes minor for each Istio minor, as `istioctl x precheck` of that release has it.
ISTIO_MINIMUM_KUBERNETES: Final = {
    (1, 27): (1, 29),
    (1, 28): (1, 30),
    (1, 29): (1, 31),
    (1, 30): (1, 32),
    (1, 31): (1, 32),
}
