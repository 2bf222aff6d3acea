package problem

// Code is the machine-readable kind of a problem. Codes are part of the public
// contract: clients branch on them, so a code never changes its meaning.
type Code string

// Codes that belong in userErrors: the caller can mend the input or wait for another state.
const (
	Invalid          Code = "INVALID"
	NotFound         Code = "NOT_FOUND"
	Taken            Code = "TAKEN"
	Conflict         Code = "CONFLICT"
	State            Code = "WRONG_STATE"
	TooLarge         Code = "TOO_LARGE"
	CurrencyUnknown  Code = "CURRENCY_UNKNOWN"
	CurrencyMismatch Code = "CURRENCY_MISMATCH"
	AmountPrecision  Code = "AMOUNT_PRECISION"
	AmountRange      Code = "AMOUNT_RANGE"
	RefundExceeds    Code = "REFUND_EXCEEDS_ORDER"
	BelowThreshold   Code = "BELOW_THRESHOLD"
	Insufficient     Code = "INSUFFICIENT_BALANCE"
)

// Codes of system failures: the request as a whole was not carried out.
const (
	BadRequest       Code = "BAD_REQUEST"
	ParseFailed      Code = "GRAPHQL_PARSE_FAILED"
	ValidationFailed Code = "GRAPHQL_VALIDATION_FAILED"
	TooComplex       Code = "TOO_COMPLEX"
	Unauthenticated  Code = "UNAUTHENTICATED"
	Forbidden        Code = "FORBIDDEN"
	MethodNotAllowed Code = "METHOD_NOT_ALLOWED"
	NotAcceptable    Code = "NOT_ACCEPTABLE" // the client takes none of our media types
	UnsupportedMedia Code = "UNSUPPORTED_MEDIA_TYPE"
	KeyReused        Code = "IDEMPOTENCY_KEY_REUSED"
	InFlight         Code = "IDEMPOTENCY_IN_FLIGHT"
	CursorExpired    Code = "CURSOR_EXPIRED"
	RateLimited      Code = "RATE_LIMITED"
	NotRegistered    Code = "OPERATION_NOT_REGISTERED"
	UnknownDocument  Code = "PERSISTED_QUERY_NOT_FOUND"
	MoreErrors       Code = "MORE_ERRORS" // stands last in a list that was cut short
	Unavailable      Code = "UNAVAILABLE"
	Deadline         Code = "DEADLINE_EXCEEDED"
	Internal         Code = "INTERNAL"
)

// trait says how the edges of the system present a code. The status is a plain
// number, so that pure packages do not reach net/http by way of this one.
type trait struct {
	user   bool
	status int
}

var traits = map[Code]trait{
	Invalid:          {true, 400},
	NotFound:         {true, 404},
	Taken:            {true, 409},
	Conflict:         {true, 409},
	State:            {true, 409},
	TooLarge:         {true, 413},
	CurrencyUnknown:  {true, 422},
	CurrencyMismatch: {true, 422},
	AmountPrecision:  {true, 422},
	AmountRange:      {true, 422},
	RefundExceeds:    {true, 422},
	BelowThreshold:   {true, 422},
	Insufficient:     {true, 422},

	BadRequest:       {false, 400},
	ParseFailed:      {false, 400},
	ValidationFailed: {false, 400},
	TooComplex:       {false, 400},
	Unauthenticated:  {false, 401},
	Forbidden:        {false, 403},
	MethodNotAllowed: {false, 405},
	NotAcceptable:    {false, 406},
	UnsupportedMedia: {false, 415},
	KeyReused:        {false, 422},
	InFlight:         {false, 409},
	CursorExpired:    {false, 410},
	RateLimited:      {false, 429},
	NotRegistered:    {false, 403},
	UnknownDocument:  {false, 404},
	MoreErrors:       {false, 400},
	Unavailable:      {false, 503},
	Deadline:         {false, 504},
	Internal:         {false, 500},
}

// User reports whether the code belongs in userErrors (bad input or state).
// It is false for system failures and for codes this package does not know.
func (c Code) User() bool { return traits[c].user }

// HTTPStatus gives the response status of a plain HTTP answer; an unknown code is a 500.
func (c Code) HTTPStatus() int {
	if t, ok := traits[c]; ok {
		return t.status
	}
	return 500
}
