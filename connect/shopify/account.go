package shopify

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// version of Shopify's Admin API that shops are called with.
const version = "2026-10"

// keyAccess is the one key: the access token of a custom app.
const keyAccess = "accessToken"

// scopes are what Tributary needs of a shop: orders and customers to read, customers
// to write segments back, products for their categories, discounts for the codes of
// affiliates.
var scopes = []string{"read_orders", "read_customers", "write_customers", "read_products", "write_discounts"}

var host = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$`)

// Ways says by what a shop can be called.
func (Provider) Ways() connect.Ways {
	return connect.Ways{
		Keys:   []connect.Key{{Name: keyAccess, Says: "The Admin API access token of a custom app of the shop."}},
		OAuth:  true,
		Scopes: slices.Clone(scopes),
	}
}

// Account tidies the host of a shop: shoes and https://shoes.myshopify.com/admin are
// shoes.myshopify.com. Addresses are made of it, so nothing else passes.
func (Provider) Account(text string) (string, error) {
	text = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "https://")
	text, _, _ = strings.Cut(text, "/")
	if text != "" && !strings.Contains(text, ".") {
		text += ".myshopify.com"
	}
	if !host.MatchString(text) {
		return "", problem.At(problem.Invalid, "account", "must be the shop's host, such as shoes.myshopify.com")
	}
	return text, nil
}

// Lacks names what is wanted and not granted. Who may write may read: Shopify names
// only the former then.
func (Provider) Lacks(granted []string) []string {
	lacks := []string{}
	for _, one := range scopes {
		write := strings.Replace(one, "read_", "write_", 1)
		if !slices.Contains(granted, one) && !slices.Contains(granted, write) {
			lacks = append(lacks, one)
		}
	}
	return lacks
}

// access is the token that a shop is called with.
func access(c connect.Credentials) string {
	if token := c.Keys[keyAccess]; token != "" {
		return token
	}
	return c.Access
}

// ask sends a document of the Admin API. What it answers is read into out, which
// holds the field data.
func (p Provider) ask(ctx context.Context, call connect.Call, shop string, c connect.Credentials, document string, out any) error {
	header := http.Header{"X-Shopify-Access-Token": {access(c)}}
	return call.JSON(ctx, http.MethodPost, p.base(shop)+"/admin/api/"+version+"/graphql.json", header, map[string]string{"query": document}, out)
}

var errUnderstood = errors.New("shopify: the shop answered otherwise than it should")

// Probe asks the shop for its name and for what the app was granted.
func (p Provider) Probe(ctx context.Context, call connect.Call, account string, c connect.Credentials) (connect.Probed, error) {
	var out struct {
		Data struct {
			Shop                   struct{ Name string }
			CurrentAppInstallation struct{ AccessScopes []struct{ Handle string } }
		}
		Errors []struct{ Message string }
	}
	if err := p.ask(ctx, call, account, c, `{ shop { name } currentAppInstallation { accessScopes { handle } } }`, &out); err != nil {
		return connect.Probed{}, err
	}
	if len(out.Errors) > 0 || out.Data.Shop.Name == "" {
		return connect.Probed{}, errUnderstood
	}
	found := connect.Probed{Label: out.Data.Shop.Name, Scopes: []string{}}
	for _, one := range out.Data.CurrentAppInstallation.AccessScopes {
		found.Scopes = append(found.Scopes, one.Handle)
	}
	slices.Sort(found.Scopes)
	return found, nil
}

// Revoke takes the app out of the shop: its tokens end, and so do its webhooks.
func (p Provider) Revoke(ctx context.Context, call connect.Call, account string, c connect.Credentials) error {
	var out struct {
		Data struct {
			AppUninstall *struct{ UserErrors []struct{ Message string } }
		}
		Errors []struct{ Message string }
	}
	if err := p.ask(ctx, call, account, c, `mutation { appUninstall { userErrors { message } } }`, &out); err != nil {
		return err
	}
	if len(out.Errors) > 0 || out.Data.AppUninstall == nil || len(out.Data.AppUninstall.UserErrors) > 0 {
		return errUnderstood
	}
	return nil
}
