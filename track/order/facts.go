package order

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/problem"
)

// Device is what the buyer ordered on.
type Device string

// The devices.
const (
	DeviceUnknown Device = ""
	DeviceDesktop Device = "DESKTOP"
	DeviceMobile  Device = "MOBILE"
	DeviceTablet  Device = "TABLET"
	DeviceOther   Device = "OTHER"
)

// Known reports whether it is one of the devices.
func (d Device) Known() bool {
	return slices.Contains([]Device{DeviceDesktop, DeviceMobile, DeviceTablet, DeviceOther}, d)
}

// checkFacts checks what only terms look at.
func (o *Order) checkFacts(f faults) {
	if o.Country != "" && !facts.Country(o.Country) {
		f.add(problem.Invalid, "country", "must be a code of ISO 3166-1 alpha-2 in capitals")
	}
	if o.Device != DeviceUnknown && !o.Device.Known() {
		f.add(problem.Invalid, "device", "must be DESKTOP, MOBILE, TABLET or OTHER")
	}
	f.ident("channel", o.Channel, MaxChannel)
	f.fields("fields", o.Fields)
	f.fields("customer.fields", o.Customer.Fields)
}

// CheckFields gives every fault of custom fields under a path.
func CheckFields(path string, fields []facts.Field) []*problem.Error {
	f := newFaults()
	f.fields(path, fields)
	return *f.list
}

func (f faults) fields(path string, fields []facts.Field) {
	if len(fields) > facts.MaxFields {
		f.add(problem.TooLarge, path, "must be at most %d", facts.MaxFields)
		return
	}
	seen := map[string]bool{}
	for i, one := range fields {
		at := path + "." + strconv.Itoa(i)
		if !facts.Name(one.Name) {
			f.add(problem.Invalid, at+".name", "must be 1 to %d of a–z, A–Z, 0–9, _ and -", facts.MaxName)
		}
		if seen[one.Name] {
			f.add(problem.Taken, at+".name", "is the name of an earlier field")
		}
		seen[one.Name] = true
		if fault := one.Kind.Fault(one.Value); fault != "" {
			f.add(problem.Invalid, at, "%s", fault)
		}
	}
}

// writeFacts writes what only terms look at, and nothing where there is none: an
// order without them keeps the digest that it always had.
func (o Order) writeFacts(w *canon.Writer) {
	said := o.Country+string(o.Device)+o.Channel != "" || len(o.Fields)+len(o.Customer.Fields) > 0
	if !said && !slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Category != "" }) {
		return
	}
	for _, s := range []string{o.Country, string(o.Device), o.Channel} {
		w.String(s)
	}
	w.Bytes(canon.Facts(facts.Pack(o.Fields)).Encode())
	w.Bytes(canon.Facts(facts.Pack(o.Customer.Fields)).Encode())
	lines := slices.Clone(o.Lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	w.List(len(lines))
	for _, l := range lines {
		w.String(l.Category)
	}
}
