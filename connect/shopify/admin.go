package shopify

// What is asked of the Admin API, and the shape of its answers. The document is
// checked against Shopify's schema by the shop that tests play.

// pageSize is how many orders are asked for at once; more cost more than small shops
// may spend.
const (
	pageSize  = "25"
	linesSize = "50"
)

const (
	moneyFields = `{ shopMoney { amount currencyCode } }`
	orderFields = `
  legacyResourceId name test currencyCode taxesIncluded displayFinancialStatus createdAt processedAt updatedAt cancelledAt
  totalPriceSet ` + moneyFields + ` totalTaxSet ` + moneyFields + ` totalDiscountsSet ` + moneyFields + ` totalShippingPriceSet ` + moneyFields + `
  email discountCodes sourceName customAttributes { key value }
  customer { legacyResourceId firstName lastName defaultEmailAddress { emailAddress } defaultAddress { countryCodeV2 } }
  billingAddress { countryCodeV2 } shippingAddress { countryCodeV2 }
  customerJourneySummary { firstVisit { landingPage } }
  refunds(first: 50) {
    legacyResourceId createdAt processedAt
    refundLineItems(first: 50) { nodes { lineItem { id } quantity subtotalSet ` + moneyFields + ` totalTaxSet ` + moneyFields + ` } pageInfo { hasNextPage endCursor } }
    orderAdjustments(first: 10) { nodes { amountSet ` + moneyFields + ` reason } pageInfo { hasNextPage endCursor } }
  }`
	lineFields = ` { nodes { id sku title quantity currentQuantity isGiftCard product { legacyResourceId productType }
    originalUnitPriceSet ` + moneyFields + ` taxLines { priceSet ` + moneyFields + ` } discountAllocations { allocatedAmountSet ` + moneyFields + ` } }
    pageInfo { hasNextPage endCursor } }`

	ordersQuery = `query ($query: String!, $after: String) {
  orders(first: ` + pageSize + `, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes {` + orderFields + ` lineItems(first: ` + linesSize + `)` + lineFields + ` }
    pageInfo { hasNextPage endCursor }
  }
}`
	linesQuery = `query ($id: ID!, $after: String) { order(id: $id) { lineItems(first: 250, after: $after)` + lineFields + ` } }`
)

type adminSet struct {
	ShopMoney struct {
		Amount       decimal
		CurrencyCode string
	}
}

type adminPage struct {
	HasNextPage bool
	EndCursor   string
}

type adminLines struct {
	Nodes []struct {
		ID, SKU, Title            string
		Quantity, CurrentQuantity int64
		IsGiftCard                bool
		Product                   *struct {
			LegacyResourceID ident `json:"legacyResourceId"`
			ProductType      string
		}
		OriginalUnitPriceSet adminSet
		TaxLines             []struct{ PriceSet adminSet }
		DiscountAllocations  []struct{ AllocatedAmountSet adminSet }
	}
	PageInfo adminPage
}

type adminAddress struct{ CountryCodeV2 string }

type adminOrder struct {
	LegacyResourceID                                                     ident `json:"legacyResourceId"`
	Name, CurrencyCode, DisplayFinancialStatus, Email, SourceName        string
	Test, TaxesIncluded                                                  bool
	CreatedAt, ProcessedAt, UpdatedAt, CancelledAt                       stamp
	TotalPriceSet, TotalTaxSet, TotalDiscountsSet, TotalShippingPriceSet *adminSet
	DiscountCodes                                                        []string
	CustomAttributes                                                     []struct{ Key, Value string }
	Customer                                                             *struct {
		LegacyResourceID    ident `json:"legacyResourceId"`
		FirstName, LastName string
		DefaultEmailAddress *struct{ EmailAddress string }
		DefaultAddress      *adminAddress
	}
	BillingAddress, ShippingAddress *adminAddress
	CustomerJourneySummary          *struct{ FirstVisit *struct{ LandingPage string } }
	LineItems                       adminLines
	Refunds                         []struct {
		LegacyResourceID       ident `json:"legacyResourceId"`
		CreatedAt, ProcessedAt stamp
		RefundLineItems        struct {
			Nodes []struct {
				LineItem                 struct{ ID string }
				Quantity                 int64
				SubtotalSet, TotalTaxSet adminSet
			}
			PageInfo adminPage
		}
		OrderAdjustments struct {
			Nodes []struct {
				AmountSet adminSet
				Reason    string
			}
			PageInfo adminPage
		}
	}
}

// adminCost is what a question has cost, and what is left to spend.
type adminCost struct {
	Cost struct {
		RequestedQueryCost float64
		ThrottleStatus     struct{ CurrentlyAvailable, RestoreRate float64 }
	}
}

type adminErrors []struct {
	Message    string
	Extensions struct{ Code string }
}

// throttled reports whether the question was refused for its cost alone.
func (e adminErrors) throttled() bool { return len(e) > 0 && e[0].Extensions.Code == "THROTTLED" }
