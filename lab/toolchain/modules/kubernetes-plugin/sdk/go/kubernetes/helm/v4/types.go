// Package v4 holds the inputs of a chart that the plugin's own Helm code names.
package v4

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// RepositoryOpts say where a chart comes from.
type RepositoryOpts struct {
	CaFile   pulumi.AssetOrArchive `pulumi:"caFile"`
	CertFile pulumi.AssetOrArchive `pulumi:"certFile"`
	KeyFile  pulumi.AssetOrArchive `pulumi:"keyFile"`
	Username *string               `pulumi:"username"`
	Password *string               `pulumi:"password"`
	Repo     *string               `pulumi:"repo"`
}

// RepositoryOptsInput is any value that becomes RepositoryOpts.
type RepositoryOptsInput = pulumi.Input

// PostRenderer is a program that a chart's manifests pass through.
type PostRenderer struct {
	Args    []string `pulumi:"args"`
	Command string   `pulumi:"command"`
}

// PostRendererInput is any value that becomes a PostRenderer.
type PostRendererInput = pulumi.Input
