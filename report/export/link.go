package export

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/export"
	"github.com/tributary/tributary/ent/exportpart"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/reply"
	"github.com/tributary/tributary/trust"
)

// Path is where files are fetched.
const Path = "/exports/{merchant}/{export}"

// Link gives a path under which a file can be fetched for a quarter of an hour, by
// whoever has it; "" while the file is not whole.
func (s *Service) Link(row *ent.Export) string {
	if row.Status != export.StatusDONE {
		return ""
	}
	until := strconv.FormatInt(s.Store.Now().Add(linkLasts).Unix(), 10)
	return "/exports/" + row.MerchantID + "/" + row.ID + "?until=" + until + "&mac=" + s.mac(row.MerchantID, row.ID, until)
}

func (s *Service) mac(merchantID, exportID, until string) string {
	return hex.EncodeToString(s.Store.Keys().Hash(merchantID, linkReason, exportID+" "+until))
}

// Download serves GET and HEAD of files under their links. Parts of a file are served too
// (Range), so that a download that was cut goes on. Without a link that holds it is 404, as
// one that never was; 410 once it has ended.
func (s *Service) Download() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		row, err := s.linked(r)
		if err != nil {
			reply.Refuse(w, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", map[export.Format]string{CSV: "text/csv; charset=utf-8", JSONL: "application/jsonl"}[row.Format])
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": row.Name + "." + strings.ToLower(string(row.Format))}))
		h.Set("Cache-Control", "no-store")
		h.Set("ETag", `"`+row.ID+`"`)
		ctx := trust.With(r.Context(), trust.System(row.MerchantID))
		http.ServeContent(w, r, "", *row.FinishedAt, &file{ctx: ctx, s: s, row: row})
	})
}

func (s *Service) linked(r *http.Request) (*ent.Export, error) {
	gone := problem.New(problem.NotFound, "there is no such file, or its link has ended: ask for the export again")
	merchant, exportID, until := r.PathValue("merchant"), r.PathValue("export"), r.URL.Query().Get("until")
	if !hmac.Equal([]byte(s.mac(merchant, exportID, until)), []byte(r.URL.Query().Get("mac"))) {
		return nil, gone
	}
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || !s.Store.Now().Before(time.Unix(end, 0)) {
		return nil, gone
	}
	row, err := s.Store.Client().Export.Get(trust.With(r.Context(), trust.System(merchant)), exportID)
	if ent.IsNotFound(err) || err == nil && row.Status != export.StatusDONE {
		return nil, gone
	}
	return row, err
}

// file reads an export's parts as one, each when it is come to.
type file struct {
	ctx  context.Context
	s    *Service
	row  *ent.Export
	at   int64
	have *ent.ExportPart
}

// Seek as of io.Seeker.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.row.Bytes
	}
	if offset < 0 {
		return f.at, errors.New("export: before the beginning")
	}
	f.at = offset
	return offset, nil
}

// Read as of io.Reader.
func (f *file) Read(p []byte) (int, error) {
	if f.at >= f.row.Bytes {
		return 0, io.EOF
	}
	if f.have == nil || f.at < f.have.First || f.at >= f.have.First+int64(len(f.have.Content)) {
		found, err := f.s.Store.Client().ExportPart.Query().Where(exportpart.ExportID(f.row.ID), exportpart.FirstLTE(f.at)).
			Order(ent.Desc(exportpart.FieldFirst)).First(f.ctx)
		if err != nil {
			return 0, err
		}
		f.have = found
	}
	n := copy(p, f.have.Content[f.at-f.have.First:])
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	f.at += int64(n)
	return n, nil
}
