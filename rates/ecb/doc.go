// Package ecb reads the reference rates that the European Central Bank publishes:
// its daily and historical files, as XML, as CSV, or as a ZIP archive of one CSV.
//
// It means: a rate is units of a currency for one euro on a day, an exact decimal.
// It refuses a file that is neither, a day or rate that cannot be read, a currency
// twice on a day, and what is larger than any such file. Currencies that are not in
// the table of internal/money, such as withdrawn ones, are left out, and so is what
// the file marks as not available.
//
// Invariants: equal files give equal rates; no float is involved.
package ecb
