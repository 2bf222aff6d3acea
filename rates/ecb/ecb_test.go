package ecb

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The layouts of the bank's files; the figures are made up.
const (
	dailyXML = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<Cube><Cube time='2026-03-02'><Cube currency='USD' rate='1.0850'/><Cube currency='JPY' rate='163.21'/></Cube></Cube>
</gesmes:Envelope>`
	dailyCSV   = "Date, USD, JPY, \n02 March 2026, 1.0850, 163.21, \n"
	historyCSV = "Date,USD,JPY,CYP,\n2026-03-02,1.0850,163.21,N/A,\n2026-02-27,1.0800,162.5,0.58,\n"
)

func spell(q []Quote) string {
	var words []string
	for _, one := range q {
		words = append(words, one.Day+" "+string(one.Currency)+" "+one.Rate.String())
	}
	return strings.Join(words, "; ")
}

func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, text := range files {
		f, err := w.Create(fmt.Sprint(i, ".csv"))
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestQ20EveryFormOfTheBanksFile(t *testing.T) {
	t.Parallel()
	const day = "2026-03-02 USD 1.085; 2026-03-02 JPY 163.21"
	for name, row := range map[string]struct {
		file []byte
		want string
	}{
		"daily XML": {[]byte(dailyXML), day}, "daily CSV": {[]byte(dailyCSV), day},
		"history":     {[]byte("\xef\xbb\xbf" + historyCSV), day + "; 2026-02-27 USD 1.08; 2026-02-27 JPY 162.5"},
		"the archive": {archive(t, historyCSV), day + "; 2026-02-27 USD 1.08; 2026-02-27 JPY 162.5"},
	} {
		q, err := Parse(row.file)
		if err != nil || spell(q) != row.want {
			t.Errorf("%s: %s, %v", name, spell(q), err)
		}
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"empty": "", "text": "hello", "other CSV": "a,b\n1,2\n", "no rates": "Date,USD\n", "HTML": "<html><body>gone</body></html>",
		"broken XML": "<Cube><Cube", "a day that is none": "Date,USD\n2026-02-30,1.1\n", "a word": "Date,USD\n2026-02-27,much\n",
		"an exponent": "Date,USD\n2026-02-27,1e3\n", "zero": "Date,USD\n2026-02-27,0\n", "below zero": "Date,USD\n2026-02-27,-1.1\n",
		"a currency twice": "Date,USD,USD\n2026-02-27,1.1,1.2\n", "too many cells": "Date,USD\n2026-02-27,1.1,1.2\n",
		"two files": string(archive(t, historyCSV, historyCSV)), "nested": string(archive(t, string(archive(t, historyCSV)))),
		"a cut archive": string(archive(t, historyCSV)[:40]), "too many digits": "Date,USD\n2026-02-27,1.1234567890123\n",
	} {
		if q, err := Parse([]byte(file)); err == nil {
			t.Errorf("%s: %s", name, spell(q))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{dailyXML, dailyCSV, historyCSV, string(archive(f, historyCSV))} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		quotes, err := Parse(file)
		for _, q := range quotes {
			if err != nil || q.Rate.Num <= 0 || len(q.Day) != 10 || q.Currency == "" {
				t.Errorf("%+v, %v", q, err)
			}
		}
	})
}
