// Package kubernetes holds the little of the vendor's Go SDK that the plugin itself is made with.
//
// The SDK has a package for each group and version of the API, 66 in all, and compiling them takes
// longer than all the rest of the plugin. Only component resources (yaml/v2, helm.sh/v4,
// kustomize/v2) make objects through them, and the program asks for none.
package kubernetes

import "reflect"

// UntypedArgs are the inputs of an object whose kind is known only when the program runs.
type UntypedArgs map[string]any

// ElementType makes the inputs acceptable to the engine's SDK.
func (UntypedArgs) ElementType() reflect.Type {
	return reflect.TypeFor[map[string]any]()
}
