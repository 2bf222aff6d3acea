package seal

import "crypto/ed25519"

// SigningKey is the ed25519 key of one purpose, derived from the current master
// key: the same on every server and after every restart. Put [Keyring.KeyID]
// into what is signed, so that [Keyring.PublicKeys] can verify it later.
func (k *Keyring) SigningKey(purpose string) ed25519.PrivateKey {
	return signingKey(k.keys[k.current], purpose)
}

// PublicKeys are the verifying keys of one purpose by key id, older ones
// included: after a rotation, what was signed before stays valid until it
// expires.
func (k *Keyring) PublicKeys(purpose string) map[byte]ed25519.PublicKey {
	public := make(map[byte]ed25519.PublicKey, len(k.keys))
	for id, key := range k.keys {
		public[id] = signingKey(key, purpose).Public().(ed25519.PublicKey)
	}
	return public
}

func signingKey(key masterKey, purpose string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(key.derive("sign", purpose))
}
