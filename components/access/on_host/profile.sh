# shellcheck shell=bash
# Written by oke-mesh.
export OCI_CLI_AUTH=instance_principal
alias k=kubectl
ktx() {
  if [ $# -eq 0 ]; then kubectl config get-contexts; else kubectl config use-context "$1"; fi
}
case $- in *i*) oke-mesh-sync ;; esac
