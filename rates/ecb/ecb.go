package ecb

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/money"
)

// Base is what all rates of the file are for one unit of.
const Base money.Currency = "EUR"

// maxBytes is far above the whole history since 1999, which has some megabytes.
const maxBytes = 64 << 20

// Quote is one currency's rate on one day.
type Quote struct {
	Day      string // as 2026-03-31
	Currency money.Currency
	Rate     money.Rate // units of Currency for one euro; above zero
}

// Parse reads a file of the bank in any of its forms, in the file's order. Its
// errors say what cannot be read, and where.
func Parse(file []byte) ([]Quote, error) {
	if len(file) > maxBytes {
		return nil, errors.New("larger than any file of the bank")
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")))
	var quotes []Quote
	var err error
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return unpack(file)
	case bytes.HasPrefix(text, []byte("<")):
		quotes, err = fromXML(text)
	default:
		quotes, err = fromCSV(text)
	}
	if err == nil && len(quotes) == 0 {
		err = errors.New("holds no rates")
	}
	return quotes, err
}

// unpack parses the one file of an archive.
func unpack(file []byte) ([]Quote, error) {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("is no readable archive: %w", err)
	}
	if len(archive.File) != 1 {
		return nil, fmt.Errorf("the archive holds %d files, not one", len(archive.File))
	}
	one, err := archive.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer one.Close()
	text, err := io.ReadAll(io.LimitReader(one, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		return nil, errors.New("an archive in an archive")
	}
	return Parse(text)
}

// cubes is the file's nesting: days within the envelope, rates within a day.
type cubes struct {
	Days []struct {
		Day   string `xml:"time,attr"`
		Rates []struct {
			Currency string `xml:"currency,attr"`
			Rate     string `xml:"rate,attr"`
		} `xml:"Cube"`
	} `xml:"Cube>Cube"`
}

func fromXML(text []byte) (out []Quote, err error) {
	var file cubes
	if err := xml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("is no readable XML: %w", err)
	}
	var r reading
	for _, d := range file.Days {
		if err := r.begin(d.Day); err != nil {
			return nil, err
		}
		for _, one := range d.Rates {
			if err := r.add(one.Currency, one.Rate); err != nil {
				return nil, err
			}
		}
	}
	return r.quotes, nil
}

func fromCSV(text []byte) ([]Quote, error) {
	lines := csv.NewReader(bytes.NewReader(text))
	lines.FieldsPerRecord, lines.TrimLeadingSpace = -1, true
	head, err := lines.Read()
	if err != nil || len(head) < 2 || strings.TrimSpace(head[0]) != "Date" {
		return nil, errors.New("is no file of the bank: the first line must begin with Date")
	}
	var r reading
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return r.quotes, nil
		}
		if err != nil {
			return nil, fmt.Errorf("is no readable CSV: %w", err)
		}
		if err := r.line(head, cells); err != nil {
			return nil, err
		}
	}
}

// line reads one day's rates, whose currencies are in the head.
func (r *reading) line(head, cells []string) error {
	if err := r.begin(cells[0]); err != nil {
		return err
	}
	if len(cells) > len(head) {
		return fmt.Errorf("%s: has more cells than the head", r.day)
	}
	for i, cell := range cells[1:] {
		if err := r.add(head[i+1], cell); err != nil {
			return err
		}
	}
	return nil
}

// reading gathers quotes day by day.
type reading struct {
	day    string
	seen   map[money.Currency]bool
	quotes []Quote
}

// begin starts a day: 2026-03-31, or 31 March 2026 as the daily CSV spells it.
func (r *reading) begin(day string) error {
	day = strings.TrimSpace(day)
	for _, layout := range []string{time.DateOnly, "02 January 2006", "2 January 2006"} {
		if at, err := time.Parse(layout, day); err == nil {
			r.day, r.seen = at.Format(time.DateOnly), map[money.Currency]bool{}
			return nil
		}
	}
	return fmt.Errorf("%.30q is no day", day)
}

func (r *reading) add(code, text string) error {
	code, text = strings.TrimSpace(code), strings.TrimSpace(text)
	c, err := money.ParseCurrency(code)
	if err != nil || text == "" || text == "N/A" {
		return nil
	}
	rate, err := money.ParseRate(text)
	if err != nil || rate.Num <= 0 {
		return fmt.Errorf("%s: %.30q is no rate of %s", r.day, text, c)
	}
	if r.seen[c] {
		return fmt.Errorf("%s: %s stands there twice", r.day, c)
	}
	r.seen[c] = true
	r.quotes = append(r.quotes, Quote{r.day, c, rate})
	return nil
}
