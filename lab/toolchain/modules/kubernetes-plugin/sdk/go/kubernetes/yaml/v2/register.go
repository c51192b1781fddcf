// Package v2 would make the objects of component resources.
package v2

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource refuses: the packages that know each kind are not part of this plugin.
func RegisterResource(
	_ *pulumi.Context, apiVersion, kind, name string, _ pulumi.Input, _ ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	return nil, fmt.Errorf(
		"%s %s of %s: the lab's Kubernetes plugin makes no component resources; "+
			"use a resource of the kind, or install the vendor's release of the plugin",
		kind, name, apiVersion)
}
