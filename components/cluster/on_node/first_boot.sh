#!/usr/bin/env bash
# Written by oke-mesh. No step before OKE's init may end this script.
set -u -o pipefail

# What Istio's iptables rules need and Oracle Linux does not load by itself,
# https://istio.io/latest/docs/ops/deployment/platform-requirements/
MODULES='br_netfilter nf_nat xt_REDIRECT xt_owner
iptable_nat iptable_mangle iptable_filter iptable_raw'

log() { echo "oke-mesh: $*" >&2; }

metadata() {
  curl --fail --silent --show-error --location --retry 10 --retry-delay 3 --retry-connrefused \
    --header 'Authorization: Bearer Oracle' \
    "http://169.254.169.254/opc/v2/instance/metadata/$1"
}

load_kernel_modules() {
  # A kernel with nftables only has no legacy modules; Istio then uses what there is.
  # shellcheck disable=SC2086 # a word for each module
  printf '%s\n' $MODULES > /etc/modules-load.d/oke-mesh.conf \
    || log "modules will not be loaded at the next boot"
  local module
  for module in $MODULES; do
    modprobe "$module" || log "kernel module $module was not loaded"
  done
}

close_metadata() {
  # The service tells a node who it is, and signs for it; a pod that asks is another's. Port 80
  # alone: the same address answers DNS, which pods ask too. The table is one in which no other
  # program of a node accepts anything before.
  cat > /etc/systemd/system/oke-mesh-metadata.service <<'UNIT' || return
[Unit]
Description=Pods do not reach the metadata service of their node
Before=network-pre.target kubelet.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables -w -t mangle -I FORWARD -d 169.254.169.254 -p tcp --dport 80 -j DROP
ExecStart=-/usr/sbin/ip6tables -w -t mangle -I FORWARD -d fd00:c1::a9fe:a9fe -p tcp --dport 80 -j DROP

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable --now oke-mesh-metadata.service
}

grow_disk() {
  [ -x /usr/libexec/oci-growfs ] || return 0
  /usr/libexec/oci-growfs -y || log "the root file system was not grown"
}

run_oke_init() {
  local script
  if script=$(metadata oke_init_script | base64 --decode) && [ -n "$script" ]; then
    bash -c "$script"
  elif [ -f /etc/systemd/system/oke-init.service ]; then
    systemctl --no-block enable --now oke-init.service
  else
    bash /etc/oke/oke-install.sh --apiserver-endpoint "$(metadata apiserver_host)" \
      --kubelet-ca-cert "$(metadata cluster_ca_cert)"
  fi
}

load_kernel_modules
close_metadata || log "pods reach the metadata service of this node"
grow_disk
run_oke_init
