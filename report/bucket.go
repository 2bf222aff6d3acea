package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// bucket names the numbers of a period by everything a report can ask by, in the order of
// bucketColumns. As an array it is comparable, and its JSON is canonical.
type bucket [11]string

// The parts of a bucket.
const (
	atBasis = iota
	atPeriod
	atProgram
	atAffiliate
	atLink
	atCoupon
	atCountry
	atDevice
	atChannel
	atSubIDs
	atCurrency
)

var bucketColumns = []string{
	"basis", "period", "program_id", "affiliate_id", "link_id", "coupon", "country", "device", "channel", "sub_ids", "currency",
}

// figures are a bucket's counts and, in minor units of its currency, its amounts,
// in the order of figureColumns.
type figures [12]int64

// The parts of figures.
const (
	ofClicks = iota
	ofUnpayable
	ofUnique
	ofConversions
	ofLeads
	ofSales
	ofRefunded
	ofPending
	ofApproved
	ofRejected
	ofReversed
	ofPaid
)

var figureColumns = []string{
	"clicks", "clicks_unpayable", "clicks_unique", "conversions", "leads",
	"sales_minor", "refunded_minor", "pending_minor", "approved_minor", "rejected_minor", "reversed_minor", "paid_minor",
}

func (f *figures) add(o figures, sign int64) {
	for i := range f {
		f[i] += sign * o[i]
	}
}

// share is what something adds to its buckets.
type share map[bucket]figures

func (s share) add(b bucket, f figures) {
	sum := s[b]
	sum.add(f, 1)
	s[b] = sum
}

func (s share) addAll(o share, sign int64) {
	for b, f := range o {
		sum := s[b]
		sum.add(f, sign)
		s[b] = sum
	}
}

// dropZero leaves out buckets that hold nothing.
func (s share) dropZero() share {
	maps.DeleteFunc(s, func(_ bucket, f figures) bool { return f == figures{} })
	return s
}

func (s share) sorted() []bucket {
	return slices.SortedFunc(maps.Keys(s), func(a, b bucket) int { return slices.Compare(a[:], b[:]) })
}

type sharePart struct {
	Bucket  bucket  `json:"b"`
	Figures figures `json:"f"`
}

// encode writes the same bytes for the same share, "" for an empty one.
func (s share) encode() string {
	if len(s) == 0 {
		return ""
	}
	parts := make([]sharePart, 0, len(s))
	for _, b := range s.sorted() {
		parts = append(parts, sharePart{b, s[b]})
	}
	raw, err := json.Marshal(parts)
	if err != nil { // strings and integers always have a JSON
		panic(err)
	}
	return string(raw)
}

func decodeShare(text string) (share, error) {
	var parts []sharePart
	if text != "" {
		if err := json.Unmarshal([]byte(text), &parts); err != nil {
			return nil, err
		}
	}
	s := share{}
	for _, p := range parts {
		s.add(p.Bucket, p.Figures)
	}
	return s, nil
}

// digest names a bucket in few bytes, for the index that makes it unique.
func (b bucket) digest() string {
	raw, err := json.Marshal(b)
	if err != nil { // strings always have a JSON
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// knownLabels are the sub-ids that numbers are kept by.
var knownLabels = []string{"s1", "s2", "s3", "s4", "s5"}

// labelsOf keeps the labels that reports know, as canonical JSON; "" for none.
func labelsOf(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	var all map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		return "" // checked when it was written
	}
	maps.DeleteFunc(all, func(name, value string) bool { return value == "" || !slices.Contains(knownLabels, name) })
	if len(all) == 0 {
		return ""
	}
	text, err := json.Marshal(all)
	if err != nil { // strings always have a JSON
		panic(err)
	}
	return string(text)
}

// earlier is the first of two instants of which either may not be.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
