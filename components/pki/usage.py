"""What all certificate authorities here have in common."""

from typing import Final

# As Istio's own certificate tools make them,
# https://github.com/istio/istio/blob/master/tools/certs/common.mk
KEY_BITS: Final = 4096
CA_USES: Final = ["digital_signature", "content_commitment", "key_encipherment", "cert_signing"]

HOURS_PER_DAY: Final = 24
