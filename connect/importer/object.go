package importer

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// object reads the members of a JSON object by name, and remembers which were asked
// for: whatever is left is unknown. null is as good as absent.
type object struct {
	path    string
	members map[string]any
	faults  *[]error
}

func (o object) fail(code problem.Code, name, format string, a ...any) {
	*o.faults = append(*o.faults, fieldProblem(code, join(o.path, name), format, a...))
}

// add keeps a fault found elsewhere, which names its field from the line on.
func (o object) add(err error) {
	if p, ok := problem.As(err); ok {
		*o.faults = append(*o.faults, p)
	}
}

// take gives a member and crosses it off.
func (o object) take(name string) any {
	v := o.members[name]
	delete(o.members, name)
	return v
}

// rest refuses every member that nobody asked for.
func (o object) rest() {
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		o.fail(problem.Invalid, name, "is not a field of this line")
	}
}

func (o object) text(name string) string {
	switch v := o.take(name).(type) {
	case nil:
	case string:
		return v
	default:
		o.fail(problem.Invalid, name, "must be a string")
	}
	return ""
}

// required is text that may not be missing.
func (o object) required(name string) string {
	if o.members[name] == nil {
		o.fail(problem.Invalid, name, "must not be empty")
	}
	return o.text(name)
}

// oneOf is text out of a list, the first of it when absent.
func (o object) oneOf(name string, list ...string) string {
	text := o.text(name)
	switch {
	case text == "":
		return list[0]
	case !slices.Contains(list, text):
		o.fail(problem.Invalid, name, "must be one of %v", list)
	}
	return text
}

func (o object) flag(name string) bool {
	switch v := o.take(name).(type) {
	case nil:
	case bool:
		return v
	default:
		o.fail(problem.Invalid, name, "must be true or false")
	}
	return false
}

// whole is a whole number, written as a number or, where it may pass 2^53, as a string.
func (o object) whole(name string, absent int64) int64 {
	var digits string
	switch v := o.take(name).(type) {
	case nil:
		return absent
	case json.Number:
		digits = v.String()
	case string:
		digits = v
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		o.fail(problem.Invalid, name, "must be a whole number")
	}
	return n
}

func (o object) instant(name string, absent time.Time) time.Time {
	text := o.text(name)
	if text == "" {
		return absent
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		o.fail(problem.Invalid, name, "must be an instant such as 2026-03-01T10:00:00Z")
	}
	return t.UTC().Truncate(time.Microsecond)
}

// object gives a member that is an object; false when it is absent or is none.
func (o object) object(name string) (object, bool) {
	switch v := o.take(name).(type) {
	case nil:
	case map[string]any:
		return object{path: join(o.path, name), members: v, faults: o.faults}, true
	default:
		o.fail(problem.Invalid, name, "must be an object")
	}
	return object{}, false
}

// list gives a member that is a list.
func (o object) list(name string) []any {
	switch v := o.take(name).(type) {
	case nil:
	case []any:
		return v
	default:
		o.fail(problem.Invalid, name, "must be a list")
	}
	return nil
}

// objects calls fn for every element of a list of objects.
func (o object) objects(name string, fn func(i int, element object)) {
	for i, v := range o.list(name) {
		path := join(o.path, name) + "." + strconv.Itoa(i)
		members, is := v.(map[string]any)
		if !is {
			*o.faults = append(*o.faults, fieldProblem(problem.Invalid, path, "must be an object"))
			continue
		}
		element := object{path: path, members: members, faults: o.faults}
		fn(i, element)
		element.rest()
	}
}

// texts gives a list of strings.
func (o object) texts(name string) (all []string) {
	for i, v := range o.list(name) {
		text, is := v.(string)
		if !is {
			o.fail(problem.Invalid, name+"."+strconv.Itoa(i), "must be a string")
		}
		all = append(all, text)
	}
	return all
}

// labels gives an object of strings.
func (o object) labels(name string) map[string]string {
	m, there := o.object(name)
	if !there {
		return nil
	}
	all := make(map[string]string, len(m.members))
	for _, label := range slices.Sorted(maps.Keys(m.members)) {
		all[label] = m.text(label)
	}
	return all
}

// money gives {"amount": "12.34", "currency": "USD"}; false when absent or wrong. A
// JSON number is no amount: what wrote it may have held it as a float.
func (o object) money(name string) (money.Money, bool) {
	m, there := o.object(name)
	if !there {
		return money.Money{}, false
	}
	amount, currency := "", m.required("currency")
	switch v := m.take("amount").(type) {
	case string:
		amount = v
	case json.Number:
		m.fail(problem.Invalid, "amount", "must be a string: write it in quotation marks, such as \"12.34\"")
		return money.Money{}, false
	default:
		m.fail(problem.Invalid, "amount", "must be a decimal such as \"12.34\"")
		return money.Money{}, false
	}
	m.rest()
	if currency == "" {
		return money.Money{}, false
	}
	sum, err := money.Parse(amount, currency)
	if err != nil {
		m.refuse(err)
	}
	return sum, err == nil
}

func (o object) refuse(err error) {
	switch {
	case errors.Is(err, money.ErrUnknownCurrency):
		o.fail(problem.CurrencyUnknown, "currency", "is not a known ISO 4217 code")
	case errors.Is(err, money.ErrPrecision):
		o.fail(problem.AmountPrecision, "amount", "has more digits after the point than the currency has")
	case errors.Is(err, money.ErrRange):
		o.fail(problem.AmountRange, "amount", "is out of range")
	default:
		o.fail(problem.Invalid, "amount", "must be a decimal such as \"12.34\"")
	}
}
