package mail

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"
	text "text/template"
)

// Letter names a text in letters/.
type Letter string

// The letters.
const (
	Verify     Letter = "verify"
	Reset      Letter = "reset"
	Known      Letter = "known"
	Invitation Letter = "invitation"
	Approved   Letter = "approved"
	Recruited  Letter = "recruited"
	FirstSale  Letter = "first_sale"
	Paid       Letter = "paid"

	HookDisabled Letter = "hook_disabled"
)

// Letters lists all of them.
func Letters() []Letter {
	return []Letter{Verify, Reset, Known, Invitation, Approved, Recruited, FirstSale, Paid, HookDisabled}
}

// Words are what a letter can speak of. Each letter uses a few.
type Words struct {
	Name     string // whom it is to
	Merchant string // the merchant's trading name
	Code     string // what to paste
	Link     string // where to go with it; without one the letter shows the code alone
	Hours    int    // how long the code works
	Amount   string // with its currency, such as "13.49 USD"
	Note     string // the reference of a payment, which may be empty; the host of an endpoint
}

//go:embed letters
var files embed.FS

var (
	words = text.Must(text.ParseFS(files, "letters/*.txt"))
	sheet = template.Must(template.ParseFS(files, "letters/sheet.html"))
)

// Write gives subject and both forms of a letter. The first line of its file is
// the subject; paragraphs are parted by empty lines; an indented one is a code.
func Write(l Letter, w Words) (m Message, err error) {
	var out bytes.Buffer
	if err := words.ExecuteTemplate(&out, string(l)+".txt", w.flat()); err != nil {
		return m, fmt.Errorf("mail: letter %s: %w", l, err)
	}
	title, body, _ := strings.Cut(out.String(), "\n")
	m.Subject, m.Text = title, strings.TrimSpace(body)+"\n"
	page := struct {
		Subject    string
		Paragraphs []paragraph
	}{title, paragraphs(m.Text)}
	out.Reset()
	err = sheet.Execute(&out, page)
	m.HTML = out.String()
	return m, err
}

// flat takes line breaks out of what people typed: with them a name could write
// paragraphs of its own, a code among them.
func (w Words) flat() Words {
	for _, s := range []*string{&w.Name, &w.Merchant, &w.Code, &w.Link, &w.Amount, &w.Note} {
		*s = strings.Join(strings.Fields(*s), " ")
	}
	return w
}

// paragraph is text, a code to paste, or a link.
type paragraph struct{ Text, Code, Link string }

func paragraphs(body string) (all []paragraph) {
	for _, p := range strings.Split(strings.TrimSpace(body), "\n\n") {
		line := strings.TrimSpace(p)
		switch {
		case line == "":
		case !strings.HasPrefix(p, "    "):
			all = append(all, paragraph{Text: line})
		case strings.HasPrefix(line, "https://") || strings.HasPrefix(line, "http://"):
			all = append(all, paragraph{Link: line})
		default:
			all = append(all, paragraph{Code: line})
		}
	}
	return all
}
