// The vendor's Kubernetes plugin for Pulumi. It is published as a module and not as a program that
// `go build` can fetch, since its own main embeds a schema that only its release build makes. The
// engine asks for a schema only to write SDKs, so here it is empty.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// Set by the linker: the version of the SDK that asks for the plugin.
var pluginVersion string

func main() {
	provider.Serve("kubernetes", pluginVersion, []byte("{}"), []byte("{}"))
}
