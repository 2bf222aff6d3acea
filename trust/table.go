package trust

// grant is a set of holders.
type grant uint8

// The columns of the permission table: five roles and the publishable key.
const (
	owner grant = 1 << iota
	manager
	finance
	analyst
	affiliate
	publishable
)

// Sets that several rows share.
const (
	staff    = owner | manager | finance | analyst
	everyone = staff | affiliate
)

func (g grant) holds(who grant) bool { return g&who != 0 }

// table says who may do what; what is not here is refused. An affiliate's column
// also bounds every token that is bound to an affiliate. The owner holds every
// scope: someone must be able to put things right. Members and tokens are the
// owner's alone, since whoever can hand out rights holds them all. A manager
// runs the program but moves no money out; finance moves money but does not
// write the rules that make it; an analyst sees no buyer's personal data.
var table = map[Scope]grant{
	AffiliateRead:    everyone,
	AffiliateWrite:   owner | manager,
	ApplicationWrite: owner | manager | publishable,
	AuditRead:        owner | finance,
	ClickRead:        everyone,
	CommissionRead:   everyone,
	CommissionWrite:  owner | manager | finance,
	ConversionRead:   everyone,
	ConversionWrite:  owner | manager,
	CouponRead:       everyone,
	CouponWrite:      owner | manager,
	CustomerRead:     owner | manager,
	DisputeRead:      everyone,
	DisputeWrite:     owner | manager | finance | affiliate,
	EventRead:        everyone,
	IntegrationRead:  owner | manager,
	IntegrationWrite: owner | manager,
	LedgerRead:       everyone,
	LinkRead:         everyone,
	LinkWrite:        owner | manager | affiliate,
	MemberRead:       owner | manager | finance,
	MemberWrite:      owner,
	MerchantRead:     staff,
	MerchantWrite:    owner,
	OperationRead:    owner | manager,
	OperationWrite:   owner | manager,
	PayoutRead:       everyone,
	PayoutWrite:      owner | finance,
	PayoutApprove:    owner | finance,
	PlanRead:         everyone,
	PlanWrite:        owner | manager,
	ProfileWrite:     owner | affiliate,
	ProgramRead:      everyone,
	ProgramWrite:     owner | manager,
	ReportRead:       everyone,
	TokenRead:        owner | manager,
	TokenWrite:       owner,
	TouchWrite:       owner | manager | publishable,
}

// proven are the scopes that a person holds only once the e-mail address is
// verified: whoever signs up under an address that is another's lets no money
// out, and makes no token that could.
var proven = map[Scope]bool{PayoutApprove: true}

// roleBit is the column of a role; none for an unknown one.
func roleBit(r Role) grant {
	switch r {
	case Owner:
		return owner
	case Manager:
		return manager
	case Finance:
		return finance
	case Analyst:
		return analyst
	case Affiliate:
		return affiliate
	default:
		return 0
	}
}
