package plan_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/problem"
)

// wire spells bytes out from the published layout: a byte is the version, an int
// a signed number, a uint64 an unsigned one, a uint a count, a string itself.
func wire(values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case byte:
			b = append(b, v)
		case string:
			b = append(binary.AppendUvarint(append(b, 0x02), uint64(len(v))), v...)
		case int:
			b = binary.AppendVarint(append(b, 0x03), int64(v))
		case uint64:
			b = binary.AppendUvarint(append(b, 0x04), v)
		case bool:
			b = append(b, map[bool]byte{false: 0x05, true: 0x06}[v])
		case time.Time:
			b = binary.AppendVarint(append(b, 0x07), v.UnixMicro())
		case uint:
			b = binary.AppendUvarint(append(b, 0x08), uint64(v))
		}
	}
	return b
}

// Stored traces outlive the code, so layout 1 is spelled out here by hand.
func TestN11_StoredBytesStayReadable(t *testing.T) {
	t.Parallel()
	v := version(percent("r2", plan.LevelProgram, "", "7.5"), onZero(fixed("r1", plan.LevelGroup, "grp_9", 500, "USD")))
	v.RefundPolicy, v.AutoApprove = plan.RefundPolicy{Mode: plan.RefundAllOrNothing, AtPercent: 50}, true
	in := share(gift(order("USD", 1999, 5000), 1), 1, 2)
	r := evaluate(t, v, in) // 1999 × 7.5 % × 1/2 = 74.96… → 75
	input := []any{"aff_1", "grp_1", "USD", 1, 2, uint(2), "a", 1999, false, "b", 5000, true}
	for _, c := range []struct {
		name      string
		got, want []byte
	}{
		{"version", v.Encode(), wire(byte(1), "plv_1", 3, 30, true, "ALL_OR_NOTHING", 50, uint(2),
			"r1", "GROUP", "grp_9", "FIXED", 0, uint64(0), 500, "USD", true, "", 0,
			"r2", "PROGRAM", "", "PERCENT", 75, uint64(1), 0, "", false, "", 0)},
		{"input", in.Encode(), wire(slices.Concat([]any{byte(1)}, input)...)},
		{"trace", r.Trace.Encode(), wire(slices.Concat([]any{byte(1), "plv_1", 3, "r2", ""}, input, []any{75, uint(2), 75, 0})...)},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("%s\n got %x\nwant %x", c.name, c.got, c.want)
		}
	}
}

func TestEncodingsSurviveTheTrip(t *testing.T) {
	t.Parallel()
	v := version(percent("r", plan.LevelProgram, "", "7.5"))
	in := order("KWD", 1, 2, 3)
	r := evaluate(t, v, in)
	for name, trip := range map[string]struct {
		good []byte
		read func([]byte) ([]byte, error)
	}{
		"version": {v.Encode(), func(b []byte) ([]byte, error) { x, err := plan.DecodeVersion(b); return x.Encode(), err }},
		"input":   {in.Encode(), func(b []byte) ([]byte, error) { x, err := plan.DecodeInput(b); return x.Encode(), err }},
		"trace":   {r.Trace.Encode(), func(b []byte) ([]byte, error) { x, err := plan.DecodeTrace(b); return x.Encode(), err }},
	} {
		if back, err := trip.read(trip.good); err != nil || !bytes.Equal(back, trip.good) {
			t.Errorf("%s comes back as %x, %v", name, back, err)
		}
		other := bytes.Clone(trip.good)
		other[0] = 9
		for what, bad := range map[string][]byte{
			"empty": nil, "cut": trip.good[:len(trip.good)-1], "longer": append(bytes.Clone(trip.good), 5), "layout": other,
		} {
			if _, err := trip.read(bad); problem.CodeOf(err) != problem.Internal {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

// A shop's basket has one to six lines, mostly one to three; ids are of full length.
func TestTraceIsSmall(t *testing.T) {
	t.Parallel()
	id := func(prefix string, n int) string { return fmt.Sprintf("%s_%026d", prefix, n) }
	v := version(percent(id("rul", 1), plan.LevelAffiliate, id("aff", 1), "12.5"))
	v.ID = id("plv", 1)
	var sizes []int
	for lines, baskets := range map[int]int{1: 40, 2: 25, 3: 15, 4: 10, 5: 6, 6: 4} {
		in := plan.Input{AffiliateID: id("aff", 1), GroupID: id("grp", 1), Currency: "USD"}
		for i := range lines {
			in.Lines = append(in.Lines, plan.LineIn{ID: id("lin", i), Amount: order("USD", 123_456_789).Lines[0].Amount})
		}
		sizes = append(sizes, slices.Repeat([]int{len(evaluate(t, v, in).Trace.Encode())}, baskets)...)
	}
	slices.Sort(sizes)
	t.Logf("median %d B, largest %d B", sizes[len(sizes)/2], sizes[len(sizes)-1])
	if median := sizes[len(sizes)/2]; median > 512 {
		t.Errorf("median trace has %d bytes, want at most 512", median)
	}
}

// Whatever decodes is canonical, and can be evaluated and explained without panic.
func FuzzDecode(f *testing.F) {
	v := version(percent("r", plan.LevelProgram, "", "7.5"), fixed("s", plan.LevelGroup, "grp_1", 500, "USD"))
	in := share(gift(order("USD", 1999, 5000), 1), 1, 2)
	r, err := plan.Evaluate(v, in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(v.Encode(), in.Encode(), r.Trace.Encode())
	f.Fuzz(func(t *testing.T, version, input, trace []byte) {
		v, err := plan.DecodeVersion(version)
		if err == nil && !bytes.Equal(v.Encode(), version) {
			t.Error("version is not canonical")
		}
		in, err := plan.DecodeInput(input)
		if err == nil && !bytes.Equal(in.Encode(), input) {
			t.Error("input is not canonical")
		}
		tr, err := plan.DecodeTrace(trace)
		if err == nil && !bytes.Equal(tr.Encode(), trace) {
			t.Error("trace is not canonical")
		}
		if r, err := plan.Evaluate(v, in); err == nil && r.Amount.IsNegative() {
			t.Errorf("negative commission %s", r.Amount)
		}
		_, _ = plan.Explain(tr, v)
		_, _ = tr.Due(v, plan.Refunded{Whole: true}, 0)
	})
}
