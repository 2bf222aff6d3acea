package stripe

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// version of Stripe's API that accounts are called with.
const version = "2026-06-24.dahlia"

// keyRestricted is the one key.
const keyRestricted = "restrictedKey"

var accountID = regexp.MustCompile(`^acct_[A-Za-z0-9]{8,60}$`)

// Ways says by what an account can be called.
func (Provider) Ways() connect.Ways {
	return connect.Ways{Keys: []connect.Key{{Name: keyRestricted, Says: "A restricted key (rk_…) that may read Connected accounts' account; nothing is written with it."}}}
}

// Account wants the id of an account.
func (Provider) Account(text string) (string, error) {
	if !accountID.MatchString(text) {
		return "", problem.At(problem.Invalid, "account", "must be the account's id, such as acct_1032D82eZvKYlo2C")
	}
	return text, nil
}

// Lacks is nothing: Stripe does not say what a key may do.
func (Provider) Lacks([]string) []string { return []string{} }

var errUnderstood = errors.New("stripe: the account answered otherwise than it should")

// Probe asks for the account, which must be the one that was named: the keys of
// another one would read another one's orders.
func (p Provider) Probe(ctx context.Context, call connect.Call, account string, c connect.Credentials) (connect.Probed, error) {
	var out struct {
		ID              string `json:"id"`
		BusinessProfile struct {
			Name string `json:"name"`
		} `json:"business_profile"`
	}
	header := http.Header{"Authorization": {"Bearer " + c.Keys[keyRestricted]}, "Stripe-Version": {version}}
	if err := call.JSON(ctx, http.MethodGet, p.base+"/v1/account", header, nil, &out); err != nil {
		return connect.Probed{}, err
	}
	if out.ID != account {
		return connect.Probed{}, errUnderstood
	}
	return connect.Probed{Label: first(out.BusinessProfile.Name, out.ID)}, nil
}

// Revoke does nothing: a key ends in Stripe's dashboard only.
func (Provider) Revoke(context.Context, connect.Call, string, connect.Credentials) error { return nil }
