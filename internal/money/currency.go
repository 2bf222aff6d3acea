package money

import "strings"

// Currency is an ISO 4217 code in upper case that the table knows. Values come
// from ParseCurrency or from a literal in code.
type Currency string

// active holds the codes of ISO 4217 that have a minor unit, by its exponent.
// Codes without one (metals, XDR, XSU, XUA, bond units, XTS, XXX) are left out:
// nobody is paid in them. BGN was withdrawn on 2026-01-01 and stays, because
// orders placed before that day are still refunded and reported.
var active = map[uint8]string{
	0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`,
	2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN
		BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN
		ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD
		KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
		MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
		RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
		TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
	3: `BHD IQD JOD KWD LYD OMR TND`,
	4: `CLF UYW`,
}

var exponents = func() map[Currency]uint8 {
	m := make(map[Currency]uint8, 192)
	for exponent, codes := range active {
		for code := range strings.FieldsSeq(codes) {
			m[Currency(code)] = exponent
		}
	}
	return m
}()

// ParseCurrency accepts exactly the table's codes, in upper case, and returns
// ErrUnknownCurrency for anything else.
func ParseCurrency(s string) (Currency, error) {
	if _, ok := exponents[Currency(s)]; !ok {
		return "", ErrUnknownCurrency
	}
	return Currency(s), nil
}

// Exponent gives the number of digits after the point: 0, 2, 3 or 4. It is 0
// for a value that did not come from the table.
func (c Currency) Exponent() int { return int(exponents[c]) }
