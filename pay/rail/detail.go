package rail

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// known are the details that tell a bank or a person where to pay, in order.
var known = []string{
	"account", "account_number", "account_type", "address", "bank_address", "bank_code", "bank_name", "bic", "branch_code", "bsb",
	"city", "clabe", "country", "email", "holder", "iban", "ifsc", "intermediary_bic", "phone", "postal_code", "reference", "region",
	"routing_number", "sort_code", "tax_id",
}

var (
	ibanShape = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)
	bicShape  = regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`)
)

// Check refuses, with a [Fault], a detail that no list has a place for, an IBAN
// whose check digits are wrong (ISO 13616), and what is no BIC (ISO 9362): a
// mistyped account is found before money is sent to it. IBAN and BIC may be
// written in groups and in small letters.
func Check(details map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(details)) {
		switch {
		case !slices.Contains(known, name):
			return Fault{name, "is not known: give any of " + strings.Join(known, ", ")}
		case name == "iban" && !isIBAN(compact(details[name])):
			return Fault{name, "is not an IBAN: shape or check digits are wrong"}
		case (name == "bic" || name == "intermediary_bic") && !bicShape.MatchString(compact(details[name])):
			return Fault{name, "is not a BIC: 8 or 11 letters and digits, such as DEUTDEFF"}
		}
	}
	return nil
}

// compact takes the spaces out of a number that people write in groups.
func compact(value string) string { return strings.ToUpper(strings.ReplaceAll(value, " ", "")) }

// isIBAN checks shape and check digits: with country and check digits moved to the
// end and letters read as 10 to 35, the number leaves 1 when divided by 97.
func isIBAN(iban string) bool {
	if !ibanShape.MatchString(iban) {
		return false
	}
	rest := 0
	for _, c := range iban[4:] + iban[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}
