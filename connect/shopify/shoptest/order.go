package shoptest

import (
	"fmt"
	"strings"
)

// orderNode writes an order of the webhooks as the Admin API does.
func orderNode(o node) node {
	lines, refunds := list{}, []any{}
	for _, l := range each(o, "line_items") {
		lines = append(lines, lineNode(l))
	}
	for _, r := range each(o, "refunds") {
		refunds = append(refunds, refundNode(r))
	}
	landing, visit := text(o["landing_site"]), any(nil)
	if landing != "" {
		visit = node{"landingPage": landing}
	}
	codes := []any{}
	for _, c := range each(o, "discount_codes") {
		codes = append(codes, c["code"])
	}
	attributes := []any{}
	for _, a := range each(o, "note_attributes") {
		attributes = append(attributes, node{"key": a["name"], "value": a["value"]})
	}
	return node{
		"id": fmt.Sprint("gid://shopify/Order/", o["id"]), "legacyResourceId": fmt.Sprint(o["id"]), "name": o["name"], "test": o["test"],
		"currencyCode": o["currency"], "taxesIncluded": o["taxes_included"], "displayFinancialStatus": strings.ToUpper(text(o["financial_status"])),
		"createdAt": o["created_at"], "processedAt": o["processed_at"], "updatedAt": o["updated_at"], "cancelledAt": o["cancelled_at"],
		"totalPriceSet": bag(o["total_price_set"]), "totalTaxSet": bag(o["total_tax_set"]), "totalDiscountsSet": bag(o["total_discounts_set"]), "totalShippingPriceSet": bag(o["total_shipping_price_set"]),
		"email": o["email"], "customAttributes": attributes, "discountCodes": codes, "sourceName": o["source_name"],
		"customer": customerNode(o["customer"]), "billingAddress": addressNode(o["billing_address"]), "shippingAddress": addressNode(o["shipping_address"]),
		"customerJourneySummary": node{"ready": true, "firstVisit": visit, "lastVisit": nil}, "lineItems": lines, "refunds": refunds,
	}
}

func lineNode(l node) node {
	taxes, discounts := []any{}, []any{}
	for _, t := range each(l, "tax_lines") {
		taxes = append(taxes, node{"priceSet": bag(t["price_set"]), "title": t["title"]})
	}
	for _, d := range each(l, "discount_allocations") {
		discounts = append(discounts, node{"allocatedAmountSet": bag(d["amount_set"])})
	}
	product := any(nil)
	if l["product_id"] != nil {
		product = node{"id": fmt.Sprint("gid://shopify/Product/", l["product_id"]), "legacyResourceId": fmt.Sprint(l["product_id"]), "productType": text(l["product_type"])}
	}
	return node{
		"id": fmt.Sprint("gid://shopify/LineItem/", l["id"]), "product": product, "sku": l["sku"], "title": l["title"],
		"quantity": l["quantity"], "currentQuantity": l["current_quantity"], "originalUnitPriceSet": bag(l["price_set"]), "isGiftCard": l["gift_card"],
		"taxLines": taxes, "discountAllocations": discounts,
	}
}

func refundNode(r node) node {
	lines, adjustments := list{}, list{}
	for _, l := range each(r, "refund_line_items") {
		lines = append(lines, node{
			"lineItem": node{"id": fmt.Sprint("gid://shopify/LineItem/", l["line_item_id"])}, "quantity": l["quantity"],
			"subtotalSet": bag(l["subtotal_set"]), "totalTaxSet": bag(l["total_tax_set"]),
		})
	}
	for _, a := range each(r, "order_adjustments") {
		reason := strings.ToUpper(strings.ReplaceAll(text(a["reason"]), " ", "_"))
		adjustments = append(adjustments, node{"amountSet": bag(a["amount_set"]), "reason": reason})
	}
	return node{
		"id": fmt.Sprint("gid://shopify/Refund/", r["id"]), "legacyResourceId": fmt.Sprint(r["id"]), "createdAt": r["created_at"], "processedAt": r["processed_at"],
		"refundLineItems": lines, "orderAdjustments": adjustments,
	}
}

func each(o node, name string) (all []node) {
	values, _ := o[name].([]any)
	for _, v := range values {
		all = append(all, v.(node))
	}
	return all
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func bag(v any) any {
	set, is := v.(node)
	if !is {
		return nil
	}
	amount := func(v any) node {
		m := v.(node)
		return node{"amount": m["amount"], "currencyCode": m["currency_code"]}
	}
	return node{"shopMoney": amount(set["shop_money"]), "presentmentMoney": amount(set["presentment_money"])}
}

func addressNode(v any) any {
	if a, is := v.(node); is {
		return node{"countryCodeV2": a["country_code"]}
	}
	return nil
}

func customerNode(v any) any {
	c, is := v.(node)
	if !is {
		return nil
	}
	mail := any(nil)
	if c["email"] != nil {
		mail = node{"emailAddress": c["email"]}
	}
	return node{
		"id": fmt.Sprint("gid://shopify/Customer/", c["id"]), "legacyResourceId": fmt.Sprint(c["id"]), "firstName": c["first_name"], "lastName": c["last_name"],
		"defaultEmailAddress": mail, "defaultAddress": addressNode(c["default_address"]),
	}
}
