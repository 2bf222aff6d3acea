package problem

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// advice says of a code, to the people who write clients, what happened and
// what to do about it.
type advice struct{ means, mend string }

var advices = map[Code]advice{
	Invalid:          {"A value is not acceptable.", "Correct the field that is named and send again."},
	NotFound:         {"There is no such thing, or it is not yours; the two are not told apart.", "Check the id, and which merchant the token works for."},
	Taken:            {"A value that must be unique is in use.", "Choose another, or use the thing that has it."},
	Conflict:         {"The row has changed since the version you expected.", "Read it again and decide on its new state."},
	State:            {"The thing is in a state that does not allow this.", "Read its status; the message says which it would need."},
	TooLarge:         {"A value, a body or a list is too large.", "Send less, or use the bulk import."},
	CurrencyUnknown:  {"The currency is not an ISO 4217 code that is known here.", "Send a known code."},
	CurrencyMismatch: {"Two currencies meet in one amount, order or batch.", "Send one currency."},
	AmountPrecision:  {"The amount has more digits than its currency has.", "Round it where it was made; nothing is rounded here."},
	AmountRange:      {"The amount is negative, zero or too large where that is not allowed.", "Send an amount in range."},
	RefundExceeds:    {"The refund is above what is left of the order.", "Read what is left and refund at most that."},
	BelowThreshold:   {"The balance is below the payout threshold.", "Wait, or lower the threshold."},
	Insufficient:     {"The balance does not cover the amount.", "Read the balance and send at most that."},

	BadRequest:       {"The request is no GraphQL request.", "Correct what the message names; sending it again unchanged cannot work."},
	ParseFailed:      {"The document is no GraphQL.", "Correct it at the line and column that locations names."},
	ValidationFailed: {"The document or its variables do not fit the schema.", "Correct what the message names; the explorer and `tributary schema` show the schema."},
	TooComplex:       {"The document is too deep, too wide or costs too many points.", "Ask for less at once and page through the rest; the bound is named, and docs/limits.md explains it."},
	NotRegistered:    {"The credential runs registered operations only, and this is none.", "Register the document, to the byte as you send it."},
	UnknownDocument:  {"No document of this hash is known.", "Send its text once, together with the hash."},
	MoreErrors:       {"There are more errors than are shown.", "Mend those that are shown first."},
	Unauthenticated:  {"Nobody is known to be asking: no credential, or one that is unknown, expired or revoked.", "Sign in, refresh the session, or send a living token."},
	Forbidden:        {"You are known and may not do this.", "Ask for the scope or the role that the field names."},
	MethodNotAllowed: {"The request's method is not for this; a mutation by GET is one such.", "Send it by a method that the Allow header lists."},
	NotAcceptable:    {"The answer has no form that the Accept header takes.", "Take application/json; for a subscription text/event-stream."},
	UnsupportedMedia: {"The body is not application/json in UTF-8.", "Send the request as JSON and say so in Content-Type."},
	KeyReused:        {"The idempotency key was used with another input.", "Take a new key for a new intent."},
	InFlight:         {"The first call with this idempotency key has not ended yet.", "Wait a moment and send the same call again."},
	CursorExpired:    {"The feed no longer reaches back to this cursor.", "Start again without a cursor and reconcile by a list."},
	RateLimited:      {"You ask more often, or for more, than you may.", "Wait as long as retryAfterMs says, or the header Retry-After."},
	Unavailable:      {"Something we depend on does not answer.", "Send the same call again later, with the same idempotency key."},
	Deadline:         {"The request took too long and was given up.", "Send the same call again with the same idempotency key, or ask for less."},
	Internal:         {"Something went wrong on our side.", "Send the same call again with the same idempotency key; if it stays, tell us the requestId."},
}

// Catalogue is every code with its meaning, as Markdown: first those that stand
// in userErrors, then those that stand in errors.
func Catalogue() string {
	var out strings.Builder
	out.WriteString(catalogueHead)
	table(&out, "In `userErrors`", "The request was carried out and the input was refused; nothing has changed.", true)
	table(&out, "In `errors`", "The field that the path names was not carried out. Queries and the bounds of a request are answered here with the codes above too, INVALID and NOT_FOUND above all: they have no `userErrors`.", false)
	return out.String()
}

const catalogueHead = `# Error codes

Machine-written from the codes in internal/problem. A code never changes its
meaning. Clients branch on the code, people read the message; the field path
begins at the mutation's arguments. Plain HTTP answers carry the same codes with
the status in the table; a GraphQL answer keeps the status of GraphQL over HTTP.
`

func table(out *strings.Builder, title, lead string, user bool) {
	fmt.Fprintf(out, "\n## %s\n\n%s\n\n| code | means | what to do | HTTP |\n|---|---|---|---|\n", title, lead)
	for _, code := range slices.Sorted(maps.Keys(traits)) {
		if code.User() == user {
			fmt.Fprintf(out, "| `%s` | %s | %s | %d |\n", code, advices[code].means, advices[code].mend, code.HTTPStatus())
		}
	}
}
