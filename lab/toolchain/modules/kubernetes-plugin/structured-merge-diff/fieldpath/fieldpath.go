// Package fieldpath is what the plugin names of v4, by that of v6: Kubernetes has moved on to it.
package fieldpath

import "sigs.k8s.io/structured-merge-diff/v6/fieldpath"

type (
	// Path leads to one field of an object.
	Path = fieldpath.Path
	// Set holds fields of an object.
	Set = fieldpath.Set
)

// MakePath makes a path of names, indexes and keys.
var MakePath = fieldpath.MakePath
