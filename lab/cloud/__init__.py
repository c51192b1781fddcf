"""The lab's cloud: the part of OCI's REST APIs that the program needs, over HTTPS.

To try a client against it without root, hosts or Kubernetes:

    python -m lab.cloud --folder /tmp/lab-cloud

It prints the environment for clients (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE`,
`OCI_CLI_CONFIG_FILE`) and the tenancy and compartment to use, then serves until interrupted.
Machines are only recorded there: clusters, nodes and load balancers become ACTIVE at once.
With that environment the vendor's SDK, CLI and plugin work unmodified:

    oci.identity.IdentityClient(oci.config.from_file(os.environ["OCI_CLI_CONFIG_FILE"]))

An operation that is not there answers 501 with its name. State is kept in `state.json` of the
folder; remove the folder to begin anew.
"""
