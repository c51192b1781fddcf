// Package cloud refuses keys of clouds: a stack of the lab is encrypted by its passphrase.
package cloud

import (
	"encoding/json"
	"errors"

	"github.com/pulumi/pulumi/pkg/v3/secrets"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// Type of such a secrets manager in a state.
const Type = "cloud"

var errLeftOut = errors.New(
	"the lab's build of pulumi has no secrets provider but the passphrase; use a released pulumi")

// EditProjectStack refuses a state that is encrypted by a cloud's key.
func EditProjectStack(*workspace.ProjectStack, json.RawMessage) error { return errLeftOut }

// NewCloudSecretsManagerFromState refuses a state that is encrypted by a cloud's key.
func NewCloudSecretsManagerFromState(json.RawMessage) (secrets.Manager, error) {
	return nil, errLeftOut
}

// NewCloudSecretsManager refuses a stack that is to be encrypted by a cloud's key.
func NewCloudSecretsManager(*workspace.ProjectStack, string, bool) (secrets.Manager, error) {
	return nil, errLeftOut
}
