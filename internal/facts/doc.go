// Package facts is what is known of an order, its buyer or an affiliate beside
// money: the country, and custom fields with a type.
//
// It owns the codes of countries, the types of custom fields, their limits and the
// one form in which a value is written. It refuses to guess a type from a value,
// and numbers of which not every digit can be compared.
//
// Invariants: a field that has no fault has one canonical form; unpacking gives
// what was packed, by name.
package facts
