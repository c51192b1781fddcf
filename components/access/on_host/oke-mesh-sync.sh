#!/usr/bin/env bash
# Written by oke-mesh. Constant: what it runs comes from the instance's metadata each time.
set -u -o pipefail
curl --fail --silent --show-error --max-time 10 --header 'Authorization: Bearer Oracle' \
  http://169.254.169.254/opc/v2/instance/metadata/oke_mesh_sync | python3 - "$@"
