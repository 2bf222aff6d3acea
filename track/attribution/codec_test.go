package attribution_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/attribution"
)

// wire spells bytes out from the published layout: a byte is the version, an int
// a signed number, a uint a count, a time microseconds, a string itself.
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

// Stored decisions outlive the code, so their layouts are spelled out here by hand.
func TestN09_StoredBytesStayReadable(t *testing.T) {
	t.Parallel()
	facts := attribution.Freeze("cnv_1", sale, []attribution.Touch{
		click("c1", "A", hour, ownWindow(168*hour)), coupon("k1", "B", 0, self("EMAIL")),
	})
	p := attribution.DefaultPolicy()
	shared := attribution.Policy{
		Window: 24 * hour, OnSuspended: "NEXT", Model: "TIME_DECAY", HalfLife: hour,
		Overrides: []attribution.Override{{AffiliateID: "A", Window: 48 * hour}}, Lifetime: "UNTIL_EXPIRY", LifetimeFor: 72 * hour,
	}
	clicks := attribution.Freeze("cnv_1", sale, []attribution.Touch{click("c1", "A", 2*hour), click("c2", "B", hour)})
	for _, c := range []struct {
		name      string
		got, want []byte
	}{
		{"policy with a model", shared.Encode(), wire(byte(2),
			86_400_000_000_000, 0, uint(0), "NEXT", "TIME_DECAY", 0, 0, 3_600_000_000_000,
			uint(1), "A", 172_800_000_000_000, "UNTIL_EXPIRY", 259_200_000_000_000)},
		{"shared decision", attribution.Decide(shared, clicks).Encode(), wire(byte(1),
			"B", "c2", "CLICK", "TIME_DECAY", uint(2), "A", "c1", 1, 3, "B", "c2", 2, 3, uint(0))},
		{"policy", p.Encode(), wire(byte(1),
			2_592_000_000_000_000, 2_000_000_000, // 30 × 86 400 s and 2 s, in ns
			uint(2), "COUPON", "CLICK", "NEXT")},
		{"facts", facts.Encode(), wire(byte(1),
			"cnv_1", sale, 0, uint(2),
			"c1", "CLICK", "A", "ACTIVE", "lnk_A", "", sale.Add(-hour), 604_800_000_000_000, 0, true, "", false, "",
			"k1", "COUPON", "B", "ACTIVE", "", "cpn_B", sale, 0, 0, true, "", true, "EMAIL")},
		{"decision", attribution.Decide(p, facts).Encode(), wire(byte(1),
			"A", "c1", "CLICK", "LAST_CLICK",
			uint(1), "A", "c1", 1, 1,
			uint(1), "k1", "SELF_REFERRAL", "EMAIL")},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("%s\n got %x\nwant %x", c.name, c.got, c.want)
		}
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	t.Parallel()
	facts := attribution.Freeze("cnv_1", sale, []attribution.Touch{click("c1", "A", 2*hour), click("c2", "B", hour)})
	p := attribution.DefaultPolicy()
	d := attribution.Decide(p, facts)
	readers := map[string]struct {
		good []byte
		read func([]byte) error
	}{
		"model":    {halving(hour).Encode(), func(b []byte) error { _, err := attribution.DecodePolicy(b); return err }},
		"policy":   {p.Encode(), func(b []byte) error { _, err := attribution.DecodePolicy(b); return err }},
		"facts":    {facts.Encode(), func(b []byte) error { _, err := attribution.DecodeFacts(b); return err }},
		"decision": {d.Encode(), func(b []byte) error { _, err := attribution.DecodeDecision(b); return err }},
	}
	for name, r := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := r.read(r.good); err != nil {
				t.Fatal(err)
			}
			otherVersion := bytes.Clone(r.good)
			otherVersion[0] = 9
			for what, bad := range map[string][]byte{
				"empty": nil, "cut": r.good[:len(r.good)-1], "longer": append(bytes.Clone(r.good), 5), "version": otherVersion,
			} {
				if err := r.read(bad); problem.CodeOf(err) != problem.Internal {
					t.Errorf("%s gave %v", what, err)
				}
			}
		})
	}
}

func TestDecodePolicyRefusesWhatLayoutOneSays(t *testing.T) {
	t.Parallel()
	plain := wire(byte(2), 86_400_000_000_000, 0, uint(0), "NEXT", "LAST_NON_DIRECT", 0, 0, 0, uint(0), "", 0)
	noWeights := wire(byte(2), 86_400_000_000_000, 0, uint(0), "NEXT", "POSITION", 0, 0, 0, uint(0), "", 0)
	for name, bad := range map[string][]byte{"plain": plain, "no weights": noWeights} {
		if _, err := attribution.DecodePolicy(bad); problem.CodeOf(err) != problem.Internal {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

func TestDecodeFactsRefusesAnotherOrder(t *testing.T) {
	t.Parallel()
	b := attribution.Freeze("cnv_1", sale, []attribution.Touch{click("c1", "A", hour), click("c2", "A", hour)}).Encode()
	swapped := []byte(strings.NewReplacer("c1", "c2", "c2", "c1").Replace(string(b)))
	if _, err := attribution.DecodeFacts(swapped); err == nil {
		t.Error("touches out of order were accepted")
	}
	if _, err := attribution.Replay(b, b); err == nil {
		t.Error("facts were accepted as a policy")
	}
}

// Whatever decodes is canonical and can be decided without panic.
func FuzzReplay(f *testing.F) {
	facts := attribution.Freeze("cnv_1", sale, []attribution.Touch{click("c1", "A", hour), coupon("k1", "B", 0)})
	f.Add(attribution.DefaultPolicy().Encode(), facts.Encode())
	f.Add(halving(hour).Encode(), facts.Encode())
	f.Add(ends(40, 40).Encode(), facts.Encode())
	f.Fuzz(func(t *testing.T, policy, facts []byte) {
		if p, err := attribution.DecodePolicy(policy); err == nil && !bytes.Equal(p.Encode(), policy) {
			t.Error("policy is not canonical")
		}
		if x, err := attribution.DecodeFacts(facts); err == nil && !bytes.Equal(x.Encode(), facts) {
			t.Error("facts are not canonical")
		}
		b, err := attribution.Replay(policy, facts)
		if err != nil {
			return
		}
		if d, err := attribution.DecodeDecision(b); err != nil || !bytes.Equal(d.Encode(), b) {
			t.Errorf("decision does not survive: %v", err)
		}
	})
}
