package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// fixed answers with bytes that change only with the build, revalidated by
// their hash, and compressed for whoever takes gzip.
func fixed(contentType, cache, text string) http.Handler {
	plain := []byte(text)
	sum := sha256.Sum256(plain)
	etag := hex.EncodeToString(sum[:12])
	packed := gzipped(plain)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", cache)
		h.Set("Vary", "Accept-Encoding")
		body := plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+etag+`-gz"`)
			body = packed
		} else {
			h.Set("ETag", `"`+etag+`"`)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

func gzipped(plain []byte) []byte {
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a valid constant
	_, _ = zip.Write(plain)                                   // a buffer takes everything
	_ = zip.Close()
	return out.Bytes()
}
