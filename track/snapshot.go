package track

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
)

// The snapshot is magic ‖ records ‖ CRC-32C of both, big endian. A record is
// uvarint length ‖ canonical bytes of one host or one link.
const (
	snapshotMagic   = "tributary links 1\n"
	snapshotName    = "links.snapshot"
	hostLayout      = 1
	linkLayout      = 2
	maxSnapshotItem = 1 << 20
)

var (
	errSnapshot = errors.New("track: snapshot is damaged")
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
)

// saveSnapshot writes what changed since the last one. A failure costs nothing
// but a slower next start, so it is only reported.
func (s *Service) saveSnapshot() {
	if s.dataDir == "" {
		return
	}
	links, hosts, changed := s.index.rows()
	if !changed {
		return
	}
	if err := writeSnapshot(filepath.Join(s.dataDir, snapshotName), links, hosts); err != nil {
		s.store.Log().Warn("links.snapshot was not written", "error", err)
	}
}

func (s *Service) loadSnapshot() error {
	if s.dataDir == "" {
		return nil
	}
	links, hosts, err := readSnapshot(filepath.Join(s.dataDir, snapshotName))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	s.index.setHosts(hosts)
	s.index.put(s.index.ready(links))
	return nil
}

// writeSnapshot replaces the file in one step: a crash leaves the old one.
func writeSnapshot(path string, links []store.LinkRow, hosts []store.HostRow) (err error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	sum := crc32.New(castagnoli)
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<16)
	_, _ = w.WriteString(snapshotMagic) // a bufio.Writer keeps its first error for Flush
	for _, h := range hosts {
		writeItem(w, encodeHost(h))
	}
	for _, l := range links {
		writeItem(w, encodeLink(l))
	}
	err = w.Flush()
	if err == nil {
		_, err = f.Write(binary.BigEndian.AppendUint32(nil, sum.Sum32()))
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func writeItem(w *bufio.Writer, item []byte) {
	_, _ = w.Write(binary.AppendUvarint(nil, uint64(len(item))))
	_, _ = w.Write(item)
}

func readSnapshot(path string) (links []store.LinkRow, hosts []store.HostRow, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	body := len(raw) - 4
	if body < len(snapshotMagic) || string(raw[:len(snapshotMagic)]) != snapshotMagic {
		return nil, nil, fmt.Errorf("%w: not a snapshot of this version", errSnapshot)
	}
	if crc32.Checksum(raw[:body], castagnoli) != binary.BigEndian.Uint32(raw[body:]) {
		return nil, nil, fmt.Errorf("%w: checksum differs", errSnapshot)
	}
	for rest := raw[len(snapshotMagic):body]; len(rest) > 0; {
		n, w := binary.Uvarint(rest)
		if w <= 0 || n > maxSnapshotItem || n > uint64(len(rest)-w) {
			return nil, nil, fmt.Errorf("%w: an item is cut off", errSnapshot)
		}
		if err := readItem(rest[w:w+int(n)], &links, &hosts); err != nil {
			return nil, nil, err
		}
		rest = rest[w+int(n):]
	}
	return links, hosts, nil
}

func readItem(item []byte, links *[]store.LinkRow, hosts *[]store.HostRow) error {
	r, err := canon.NewReader(item)
	if err != nil {
		return err
	}
	switch r.Version() {
	case hostLayout:
		*hosts = append(*hosts, decodeHost(r))
	case linkLayout:
		*links = append(*links, decodeLink(r))
	default:
		return fmt.Errorf("%w: unknown item", errSnapshot)
	}
	return r.Done()
}

func encodeHost(h store.HostRow) []byte {
	w := canon.NewWriter(hostLayout)
	for _, s := range []string{h.ID, h.MerchantID, h.ProgramID, h.Name} {
		w.String(s)
	}
	w.Bool(h.Tracking)
	return w.Sum()
}

func decodeHost(r *canon.Reader) (h store.HostRow) {
	for _, s := range []*string{&h.ID, &h.MerchantID, &h.ProgramID, &h.Name} {
		*s = r.String()
	}
	h.Tracking = r.Bool()
	return h
}

// texts are the text columns of a link in the order in which they are written.
func texts(l *store.LinkRow) []*string {
	return []*string{
		&l.ID, &l.MerchantID, &l.ProgramID, &l.AffiliateID, &l.HostKey, &l.Slug, &l.Destination,
		&l.Status, &l.ProgramStatus, &l.FallbackURL, &l.AffiliateStatus, &l.EnrollmentStatus,
	}
}

// encodeLink leaves the revision out: any reading of the database is better than
// a snapshot, even when an older database has been restored.
func encodeLink(l store.LinkRow) []byte {
	w := canon.NewWriter(linkLayout)
	w.Uint(l.Number)
	for _, s := range texts(&l) {
		w.String(*s)
	}
	w.Bytes(canon.Facts(l.SubIDs).Encode())
	w.Int(int64(l.Window))
	return w.Sum()
}

func decodeLink(r *canon.Reader) (l store.LinkRow) {
	l.Number = r.Uint()
	for _, s := range texts(&l) {
		*s = r.String()
	}
	if labels, err := canon.DecodeFacts(r.Bytes()); err == nil && len(labels) > 0 {
		l.SubIDs = labels
	}
	l.Window = time.Duration(r.Int())
	return l
}
