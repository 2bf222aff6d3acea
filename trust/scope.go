package trust

import (
	"maps"
	"slices"
)

// Scope is one kind of access, "resource:verb".
type Scope string

// The scopes. A read scope never implies the write scope or the reverse.
const (
	AffiliateRead    Scope = "affiliate:read"
	AffiliateWrite   Scope = "affiliate:write" // create, approve, suspend, group, enroll
	ApplicationWrite Scope = "application:write"
	AuditRead        Scope = "audit:read"
	ClickRead        Scope = "click:read"
	CommissionRead   Scope = "commission:read"
	CommissionWrite  Scope = "commission:write" // approve, reject, adjust
	ConversionRead   Scope = "conversion:read"
	ConversionWrite  Scope = "conversion:write" // record orders and refunds, import
	CouponRead       Scope = "coupon:read"
	CouponWrite      Scope = "coupon:write"
	CustomerRead     Scope = "customer:read" // personal data of buyers
	DisputeRead      Scope = "dispute:read"
	DisputeWrite     Scope = "dispute:write" // open, comment, withdraw; to decide one is commission:write
	EventRead        Scope = "event:read"
	IntegrationRead  Scope = "integration:read"
	IntegrationWrite Scope = "integration:write"
	LedgerRead       Scope = "ledger:read"
	LinkRead         Scope = "link:read"
	LinkWrite        Scope = "link:write"
	MemberRead       Scope = "member:read"
	MemberWrite      Scope = "member:write"
	MerchantRead     Scope = "merchant:read"
	MerchantWrite    Scope = "merchant:write"
	OperationRead    Scope = "operation:read"
	OperationWrite   Scope = "operation:write" // register the documents that restricted tokens may run
	PayoutRead       Scope = "payout:read"
	PayoutWrite      Scope = "payout:write"   // make batches, settle and fail items
	PayoutApprove    Scope = "payout:approve" // release a batch
	PlanRead         Scope = "plan:read"
	PlanWrite        Scope = "plan:write"
	ProfileWrite     Scope = "profile:write" // an affiliate's own profile and payout details
	ProgramRead      Scope = "program:read"
	ProgramWrite     Scope = "program:write"
	ReportRead       Scope = "report:read"
	TokenRead        Scope = "token:read"
	TokenWrite       Scope = "token:write"
	TouchWrite       Scope = "touch:write"
)

// Known reports whether s is a scope of this program.
func (s Scope) Known() bool {
	_, known := table[s]
	return known
}

// AllScopes lists every scope, sorted.
func AllScopes() []Scope { return slices.Sorted(maps.Keys(table)) }

// ScopesOf lists what a role may do, sorted; nothing for an unknown role.
func ScopesOf(r Role) []Scope { return scopesOf(roleBit(r)) }

// PublishableScopes lists what a publishable key may be given, sorted.
func PublishableScopes() []Scope { return scopesOf(publishable) }

func scopesOf(who grant) []Scope {
	return slices.DeleteFunc(AllScopes(), func(s Scope) bool { return !table[s].holds(who) })
}
