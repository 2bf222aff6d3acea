// Package mail writes letters to people and sends them.
//
// Means: a [Letter] says in plain words what happened and what to do; its words
// stand in letters/, one file each, and both forms of a [Message], text and
// HTML, are made from them. A [Sender] takes messages away: by SMTP, or into a
// folder of .eml files for development.
//
// Refuses: an address with anything but an address in it, a header with a line
// break, a mail server without TLS anywhere but on this machine.
//
// Invariants: nothing a person typed can begin a header, a line of the envelope
// or an HTML tag; errors name no address; one id makes one Message-ID, so that
// a letter sent twice is one letter to the reader's program.
package mail
