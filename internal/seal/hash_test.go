package seal

import (
	"encoding/hex"
	"sync"
	"testing"
)

// The three hex constants were computed with OpenSSL's HKDF, HMAC and ed25519
// from master 00…1f, not with this package.

func TestHashVector(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	const want = "b273e1b9f511f9a7be60842a015869aca7f34dca5099724cac4fb5b8468bf8f8"
	if got := hex.EncodeToString(k.Hash("mer_1", "email", "a@b.example")); got != want {
		t.Fatalf("hash %s", got)
	}
}

func TestHashTellsMerchantsAndPurposesApart(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	seen := map[string]bool{}
	for _, of := range [][3]string{
		{"mer_1", "email", "x"}, {"mer_2", "email", "x"}, {"mer_1", "phone", "x"},
		{"mer_1", "email", "y"}, {"mer_1e", "mail", "x"}, {"mer_1", "emailx", ""},
	} {
		seen[string(k.Hash(of[0], of[1], of[2]))] = true
	}
	if len(seen) != 6 {
		t.Fatalf("%d different hashes of 6", len(seen))
	}
}

func TestMAC64VectorAndKeys(t *testing.T) {
	t.Parallel()
	const want = "5917851c5fcbdbee"
	old := ringOf(t, countingMaster)
	mac := old.MAC64("click-token", []byte("hello"))
	if got := hex.EncodeToString(mac[:]); got != want {
		t.Fatalf("mac %s", got)
	}
	both := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	if by, known := both.MAC64By(1, "click-token", []byte("hello")); !known || by != mac {
		t.Fatalf("by key 1: %x, %v", by, known)
	}
	if both.MAC64("click-token", []byte("hello")) == mac {
		t.Fatal("the current key did not sign")
	}
	if _, known := both.MAC64By(3, "click-token", nil); known {
		t.Fatal("a key that is not there signed")
	}
	if old.MAC64("postback", []byte("hello")) == mac {
		t.Fatal("two purposes share a key")
	}
}

func TestMAC64FromManyGoroutines(t *testing.T) {
	t.Parallel()
	want := ringOf(t, countingMaster).MAC64("a", []byte("m"))
	k := ringOf(t, countingMaster)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 500 {
				k.MAC64(string(rune('b'+i)), []byte("noise"))
				if k.MAC64("a", []byte("m")) != want {
					t.Error("a MAC changed under load")
					return
				}
			}
		})
	}
	group.Wait()
}

func TestSigningKeyVectorAndRotation(t *testing.T) {
	t.Parallel()
	const want = "e808e24dda7284c31e45ed321d127ebe38fa0373963b365d9a4932adfb78cd83"
	old := ringOf(t, countingMaster)
	if got := hex.EncodeToString(old.PublicKeys("session")[1]); got != want {
		t.Fatalf("public key %s", got)
	}
	both := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	public := both.PublicKeys("session")
	if len(public) != 2 || !public[1].Equal(old.SigningKey("session").Public()) {
		t.Fatal("the old key no longer verifies")
	}
	if !public[2].Equal(both.SigningKey("session").Public()) || public[1].Equal(public[2]) {
		t.Fatal("the new key does not sign")
	}
	if old.SigningKey("other").Equal(old.SigningKey("session")) {
		t.Fatal("two purposes share a key")
	}
}

func BenchmarkMAC64(b *testing.B) {
	k := ringOf(b, countingMaster)
	msg := make([]byte, 22)
	b.ReportAllocs()
	for b.Loop() {
		k.MAC64("click-token", msg)
	}
}

func BenchmarkHash(b *testing.B) {
	k := ringOf(b, countingMaster)
	b.ReportAllocs()
	for b.Loop() {
		k.Hash("mer_1", "email", "a@b.example")
	}
}
