//go:build tools

// Package tools names the program that is built from another module, so that go.mod holds it.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
