package sim

import (
	"context"
	"fmt"
	"strings"
)

// World is a merchant that is ready to sell.
type World struct {
	Client     *Client // as the owner
	Email      string
	Password   string
	MerchantID string
	ProgramID  string
	PlanID     string
	APIToken   string // of the owner, all scopes a shop or script needs
	Publish    string // publishable key for sign-up forms
	Shop       Shop
	Affiliates []Affiliate
}

// Affiliate is a partner with a log-in, a link and a coupon.
type Affiliate struct {
	ID       string
	Name     string
	Email    string
	Password string
	Token    string // access token of the affiliate's own session
	LinkPath string // "/r/slug"
	LinkID   string
	Coupon   string
}

// Plan of a world: how it is set up.
type Plan struct {
	Merchant   string
	Email      string
	Password   string
	Currency   string
	Percent    string   // of the base, for everybody
	HoldDays   int      // before automatic approval
	Affiliates []string // names
	// Levels are percentages of the sale for the levels above a seller, nearest first;
	// where there are any, each affiliate is recruited by the one named before it.
	Levels []string
}

// terms is what the plan says.
func (p Plan) terms() Vars {
	v := Vars{"holdDays": p.HoldDays, "autoApprove": true, "rules": []Vars{{"level": "PROGRAM", "kind": "PERCENT", "percent": p.Percent}}}
	if len(p.Levels) > 0 {
		levels := make([]Vars, len(p.Levels))
		for i, percent := range p.Levels {
			levels[i] = Vars{"mode": "OF_SALE", "percent": percent}
		}
		v["levels"] = Vars{"terms": levels}
	}
	return v
}

// session is what signing in gives.
type session struct{ AccessToken, RefreshToken, MerchantID string }

const sessionFields = `{ accessToken refreshToken merchantId userErrors { field message code } }`

// Build signs a merchant up and makes everything a sale needs, by the API alone.
func Build(ctx context.Context, base string, p Plan) (*World, error) {
	c := New(base, "")
	var up struct{ SignUp session }
	err := c.Do(ctx, `mutation($in: SignUpInput!) { signUp(input: $in) `+sessionFields+` }`, Vars{"in": Vars{
		"email": p.Email, "password": p.Password, "name": "Demo Owner", "merchantName": p.Merchant, "currency": p.Currency,
	}}, &up)
	if err != nil {
		return nil, fmt.Errorf("sign up: %w", err)
	}
	w := &World{Client: c.As(up.SignUp.AccessToken), Email: p.Email, Password: p.Password, MerchantID: up.SignUp.MerchantID}
	for _, step := range []func(context.Context, Plan) error{w.program, w.plan, w.tokens, w.shop, w.recruit} {
		if err := step(ctx, p); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *World) program(ctx context.Context, p Plan) error {
	var out struct {
		ProgramCreate struct{ Program struct{ ID string } }
	}
	err := w.Client.Do(ctx, `mutation($in: ProgramCreateInput!) { programCreate(input: $in) { program { id } userErrors { field message code } } }`,
		Vars{"in": Vars{"name": p.Merchant + " partners", "currency": p.Currency, "fallbackUrl": "https://shop.example/", "admission": "APPROVAL"}}, &out)
	if err != nil {
		return fmt.Errorf("program: %w", err)
	}
	w.ProgramID = out.ProgramCreate.Program.ID
	err = w.Client.Do(ctx, `mutation($in: HostAddInput!) { hostAdd(input: $in) { userErrors { field message code } } }`,
		Vars{"in": Vars{"programId": w.ProgramID, "name": "shop.example"}}, nil)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	return nil
}

func (w *World) plan(ctx context.Context, p Plan) error {
	var out struct {
		CommissionPlanCreate struct{ Plan struct{ ID string } }
	}
	err := w.Client.Do(ctx, `mutation($in: CommissionPlanCreateInput!) { commissionPlanCreate(input: $in) { plan { id } userErrors { field message code } } }`,
		Vars{"in": Vars{"programId": w.ProgramID, "name": "Standard"}}, &out)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	w.PlanID = out.CommissionPlanCreate.Plan.ID
	terms := p.terms()
	terms["planId"] = w.PlanID
	err = w.Client.Do(ctx, `mutation($in: CommissionPlanActivateInput!) { commissionPlanActivate(input: $in) { userErrors { field message code } } }`, Vars{"in": terms}, nil)
	if err != nil {
		return fmt.Errorf("terms: %w", err)
	}
	return nil
}

func (w *World) tokens(ctx context.Context, _ Plan) error {
	issue := func(name, kind string, scopes, origins []string) (string, error) {
		var out struct{ APITokenCreate struct{ Secret string } }
		err := w.Client.Do(ctx, `mutation($in: ApiTokenCreateInput!) { apiTokenCreate(input: $in) { secret userErrors { field message code } } }`,
			Vars{"in": Vars{"name": name, "kind": kind, "scopes": scopes, "origins": origins}}, &out)
		return out.APITokenCreate.Secret, err
	}
	var err error
	w.APIToken, err = issue("demo script", "SECRET", []string{
		"PROGRAM_READ", "AFFILIATE_READ", "AFFILIATE_WRITE", "LINK_READ", "LINK_WRITE", "COUPON_READ", "COUPON_WRITE", "CLICK_READ", "CONVERSION_READ", "CONVERSION_WRITE",
		"COMMISSION_READ", "COMMISSION_WRITE", "PLAN_READ", "LEDGER_READ", "PAYOUT_READ", "REPORT_READ", "EVENT_READ",
	}, nil)
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	if w.Publish, err = issue("sign-up form", "PUBLISHABLE", []string{"APPLICATION_WRITE"}, []string{"https://shop.example"}); err != nil {
		return fmt.Errorf("publishable key: %w", err)
	}
	return nil
}

func (w *World) shop(ctx context.Context, _ Plan) error {
	const secret = "demo-shop-signing-secret"
	var out struct {
		IntegrationCreate struct{ Integration struct{ ID string } }
	}
	err := w.Client.Do(ctx, `mutation($in: IntegrationCreateInput!) { integrationCreate(input: $in) { integration { id } webhookUrl userErrors { field message code } } }`,
		Vars{"in": Vars{"programId": w.ProgramID, "provider": "SHOPIFY", "name": "Demo shop", "secret": secret}}, &out)
	if err != nil {
		return fmt.Errorf("shop: %w", err)
	}
	w.Shop = Shop{Client: w.Client.As(""), Path: "/hooks/" + out.IntegrationCreate.Integration.ID, Secret: secret}
	return nil
}

func (w *World) recruit(ctx context.Context, p Plan) error {
	for i, name := range p.Affiliates {
		a, err := w.Recruit(ctx, name, fmt.Sprintf("%s@partners.example", strings.ToLower(strings.ReplaceAll(name, " ", "."))), fmt.Sprintf("SAVE%02d", i+1))
		if err != nil {
			return fmt.Errorf("affiliate %s: %w", name, err)
		}
		if len(p.Levels) > 0 && i > 0 {
			err := w.Client.Do(ctx, `mutation($in: AffiliateUpdateInput!) { affiliateUpdate(input: $in) { userErrors { field message code } } }`,
				Vars{"in": Vars{"id": a.ID, "parentId": w.Affiliates[i-1].ID}}, nil)
			if err != nil {
				return fmt.Errorf("recruiter of %s: %w", name, err)
			}
		}
		w.Affiliates = append(w.Affiliates, a)
	}
	return nil
}

// Recruit walks one affiliate in: application by publishable key, approval,
// password, link and coupon.
func (w *World) Recruit(ctx context.Context, name, email, coupon string) (Affiliate, error) {
	a := Affiliate{Name: name, Email: email, Password: "partner-" + w.Password, Coupon: coupon}
	var applied struct{ AffiliateApply struct{ ClaimToken string } }
	err := w.Client.As(w.Publish).Do(ctx, `mutation($in: AffiliateApplyInput!) { affiliateApply(input: $in) { claimToken userErrors { field message code } } }`,
		Vars{"in": Vars{"programId": w.ProgramID, "name": name, "email": email}}, &applied)
	if err != nil {
		return a, fmt.Errorf("apply: %w", err)
	}
	if a.ID, err = w.applicant(ctx, email); err != nil {
		return a, err
	}
	err = w.Client.Do(ctx, `mutation($in: AffiliateApproveInput!) { affiliateApprove(input: $in) { userErrors { field message code } } }`, Vars{"in": Vars{"id": a.ID}}, nil)
	if err != nil {
		return a, fmt.Errorf("approve: %w", err)
	}
	var claimed struct{ AffiliateClaim session }
	err = w.Client.As("").Do(ctx, `mutation($in: AffiliateClaimInput!) { affiliateClaim(input: $in) `+sessionFields+` }`,
		Vars{"in": Vars{"claimToken": applied.AffiliateApply.ClaimToken, "password": a.Password}}, &claimed)
	if err != nil {
		return a, fmt.Errorf("claim: %w", err)
	}
	a.Token = claimed.AffiliateClaim.AccessToken
	return a, w.equip(ctx, &a)
}

// applicant finds an application as staff does: a publishable key is told no id.
func (w *World) applicant(ctx context.Context, email string) (string, error) {
	var out struct {
		Affiliates struct {
			Edges []struct{ Node struct{ ID, Email string } }
		}
	}
	err := w.Client.Do(ctx, `{ affiliates(status: PENDING, last: 100) { edges { node { id email } } } }`, nil, &out)
	for _, e := range out.Affiliates.Edges {
		if e.Node.Email == email {
			return e.Node.ID, nil
		}
	}
	return "", fmt.Errorf("the application of %s is not listed: %w", email, err)
}

func (w *World) equip(ctx context.Context, a *Affiliate) error {
	var made struct {
		LinkCreate struct{ Link struct{ ID, Slug string } }
	}
	err := w.Client.As(a.Token).Do(ctx, `mutation($in: LinkCreateInput!) { linkCreate(input: $in) { link { id slug url } userErrors { field message code } } }`,
		Vars{"in": Vars{"programId": w.ProgramID, "destination": "https://shop.example/products?ref=demo"}}, &made)
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	a.LinkID, a.LinkPath = made.LinkCreate.Link.ID, "/r/"+made.LinkCreate.Link.Slug
	err = w.Client.Do(ctx, `mutation($in: CouponCreateInput!) { couponCreate(input: $in) { userErrors { field message code } } }`,
		Vars{"in": Vars{"programId": w.ProgramID, "affiliateId": a.ID, "code": a.Coupon}}, nil)
	if err != nil {
		return fmt.Errorf("coupon: %w", err)
	}
	return nil
}

// LogIn gives a fresh access token: sessions of the demo outlive the first one.
func (w *World) LogIn(ctx context.Context, email, password string) (string, error) {
	var in struct{ LogIn session }
	err := w.Client.As("").Do(ctx, `mutation($in: LogInInput!) { logIn(input: $in) `+sessionFields+` }`, Vars{"in": Vars{"email": email, "password": password}}, &in)
	return in.LogIn.AccessToken, err
}
