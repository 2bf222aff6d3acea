package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/id"
)

// The dates a bucket may be of.
const (
	basisOpened     = "OPENED" // clicks themselves
	basisClick      = "CLICK"
	basisConversion = "CONVERSION"
	basisApproval   = "APPROVAL"
	basisPayout     = "PAYOUT"
)

// shares reads from the rows themselves what sources add to which buckets now.
// Sources that are not there, or count for nothing, are not in the answer.
func shares(ctx context.Context, query queryer, merchant string, names []string) (map[string]share, error) {
	of := map[id.Prefix][]string{}
	out := map[string]share{}
	for _, name := range names {
		if c, ok := clicksNamed(name); ok && strings.HasPrefix(name, clicksPrefix) {
			one, err := c.share(ctx, query, merchant)
			if err != nil {
				return nil, err
			}
			out[name] = one
		} else if prefix, _, err := id.Parse(name); err == nil {
			of[prefix] = append(of[prefix], name)
		}
	}
	for prefix, read := range map[id.Prefix]func(context.Context, queryer, string, []string, map[string]share) error{
		id.Conversion: ofConversionsAndTheirs, id.Commission: ofOthers, id.Payout: ofPayouts,
	} {
		if len(of[prefix]) > 0 {
			if err := read(ctx, query, merchant, of[prefix], out); err != nil {
				return nil, err
			}
		}
	}
	for name, s := range out {
		if len(s.dropZero()) == 0 {
			delete(out, name)
		}
	}
	return out, nil
}

func (c clicksOf) share(ctx context.Context, query queryer, merchant string) (share, error) {
	rows, err := query(ctx, `SELECT link_id, kind, payable, clicked_at, sub_ids FROM clicks
		WHERE merchant_id = $1 AND affiliate_id = $2 AND created_at = $3 AND program_id = $4`, merchant, c.affiliate, c.at, c.program)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := share{}
	for rows.Next() {
		var link, kind string
		var payable bool
		var at time.Time
		var labels []byte
		if err := rows.Scan(&link, &kind, &payable, &at, &labels); err != nil {
			return nil, err
		}
		f := figures{ofClicks: 1}
		if !payable {
			f = figures{ofUnpayable: 1}
		}
		if kind == "HUMAN" {
			f[ofUnique] = 1
		}
		out.add(bucket{atBasis: basisOpened, atPeriod: quarters.of(at), atProgram: c.program, atAffiliate: c.affiliate, atLink: link, atSubIDs: labelsOf(labels)}, f)
	}
	return out, rows.Err()
}

// achieved is a conversion as its row says it is.
type achieved struct {
	name, program, kind, rating, currency, click, country, device, channel string
	link, sender                                                           string // of the click, and whose it was
	at                                                                     time.Time
	base, refunded                                                         int64
	coupons, labels                                                        []byte
	affiliate                                                              string // whose sale it is; "" for nobody's
	approved                                                               time.Time
}

func ofConversionsAndTheirs(ctx context.Context, query queryer, merchant string, names []string, out map[string]share) error {
	args := []any{merchant}
	rows, err := query(ctx, `SELECT c.id, c.program_id, c.kind, c.rating, c.currency, coalesce(c.click_id, ''), c.country, c.device, c.channel,
			coalesce(l.link_id, ''), coalesce(l.affiliate_id, ''), c.occurred_at, c.base_minor, c.refunded_minor, c.coupon_codes, c.sub_ids
		FROM conversions c LEFT JOIN clicks l ON l.merchant_id = c.merchant_id AND l.id = c.click_id
		WHERE c.merchant_id = $1 AND c.id IN `+list(&args, names), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	all := map[string]*achieved{}
	for rows.Next() {
		a := &achieved{}
		err := rows.Scan(&a.name, &a.program, &a.kind, &a.rating, &a.currency, &a.click, &a.country, &a.device, &a.channel,
			&a.link, &a.sender, &a.at, &a.base, &a.refunded, &a.coupons, &a.labels)
		if err != nil {
			return err
		}
		all[a.name] = a
	}
	if err := rows.Err(); err != nil {
		return err
	}
	owed, err := commissionsBy(ctx, query, merchant, "k.conversion_id", names)
	if err != nil {
		return err
	}
	for _, o := range owed {
		if a := all[o.conversion]; a != nil && o.level == 1 && o.live && a.affiliate == "" {
			a.affiliate = o.affiliate
		}
		if a := all[o.conversion]; a != nil && o.live && o.level == 1 {
			a.approved = earlier(a.approved, o.approval())
		}
	}
	for _, a := range all {
		out[a.name] = a.share()
	}
	for _, o := range owed {
		if a := all[o.conversion]; a != nil {
			o.share(out[a.name], a.bucket(o.affiliate), a.clicked(), a.at)
		}
	}
	return nil
}

// clicked is when its click was opened; a conversion that no click is known of
// counts as clicked when it happened.
func (a *achieved) clicked() time.Time {
	if at, err := id.Time(a.click); err == nil {
		return at
	}
	return a.at
}

// bucket names what a conversion is counted by for an affiliate. Of somebody
// else's sale, what brought the buyer is not told.
func (a *achieved) bucket(affiliate string) bucket {
	b := bucket{atProgram: a.program, atAffiliate: affiliate, atCountry: a.country, atDevice: a.device, atChannel: a.channel, atCurrency: a.currency}
	if affiliate != a.affiliate {
		return b
	}
	var codes []string
	if json.Unmarshal(a.coupons, &codes) == nil && len(codes) > 0 {
		b[atCoupon] = codes[0]
	}
	if a.sender == affiliate {
		b[atLink] = a.link
	}
	b[atSubIDs] = labelsOf(a.labels)
	return b
}

func (a *achieved) share() share {
	out := share{}
	if a.rating != "RATED" && a.rating != "NO_CREDIT" {
		return out
	}
	f := figures{ofConversions: 1, ofSales: a.base, ofRefunded: a.refunded}
	if a.kind != "SALE" {
		f[ofLeads] = 1
	}
	dated(out, a.bucket(a.affiliate), f, a.clicked(), a.at, a.approved)
	return out
}

// dated adds figures to the buckets of each date they have.
func dated(out share, b bucket, f figures, click, conversion, approval time.Time) {
	for basis, at := range map[string]time.Time{basisClick: click, basisConversion: conversion, basisApproval: approval} {
		if !at.IsZero() {
			b[atBasis], b[atPeriod] = basis, quarters.of(at)
			out.add(b, f)
		}
	}
}

func ofPayouts(ctx context.Context, query queryer, merchant string, names []string, out map[string]share) error {
	args := []any{merchant}
	rows, err := query(ctx, `SELECT t.subject_id, a.owner_key, e.currency, -e.amount_minor, t.created_at, t.event_at
		FROM ledger_transactions t JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
		WHERE t.merchant_id = $1 AND t.kind = 'PAYOUT' AND a.kind = 'RESERVED' AND t.subject_id IN `+list(&args, names)+`
		AND NOT EXISTS (SELECT 1 FROM ledger_transactions r WHERE r.merchant_id = t.merchant_id AND r.subject_id = t.subject_id AND r.kind = 'RETURN')`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, affiliate, currency string
		var minor int64
		var at time.Time
		var cause sql.NullTime
		if err := rows.Scan(&name, &affiliate, &currency, &minor, &at, &cause); err != nil {
			return err
		}
		if cause.Valid {
			at = cause.Time
		}
		if out[name] == nil {
			out[name] = share{}
		}
		out[name].add(bucket{atBasis: basisPayout, atPeriod: quarters.of(at), atAffiliate: affiliate, atCurrency: currency}, figures{ofPaid: minor})
	}
	return rows.Err()
}
