// Package export writes lists and reports into files.
//
// It means: an export is a query of the API for one list or report, read to its end with
// the rights of who asked for it, page by page, and kept as a file for a week. A page and
// the place where the next begins are one commit, so that whoever takes the work up goes
// on where it stopped, and the file is the same however often it was broken off.
//
// It owns Export and ExportPart, the forms of the files, and their links, which work for a
// quarter of an hour and need no credential. What a query is and how a page of it is read
// is the API's: see [Reader].
//
// It refuses more than five files of a merchant under way at once, and to read with rights
// that its maker has lost: those are looked up again whenever somebody takes the work up,
// and every half minute. Rows that came after it was asked for are not in the file. It
// never writes a text that a spreadsheet would take for a formula.
package export
