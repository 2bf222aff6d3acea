package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/report/export"
	"github.com/tributary/tributary/trust"
)

// exportPage is how many rows of a list are read at once.
const exportPage = "100"

// exporter reads the queries of exports: with the same fields, walls and permissions as
// any request, and without its allowance of points.
type exporter struct {
	reader reader
	prices *bounds.Prices
	run    *executor.Executor
}

// NewExportReader makes what exports read by.
func NewExportReader(r *Resolver) export.Reader {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: r, Directives: generated.DirectiveRoot{Allow: permitted, Public: public}})
	run := executor.New(schema)
	run.SetErrorPresenter(r.present)
	run.SetRecoverFunc(r.recovered)
	run.AroundFields(ownCursors)
	return &exporter{reader: reader{schema: schema.Schema()}, prices: bounds.NewPrices(schema.Schema()), run: run}
}

// permitted checks a permission and leaves the refusal to be put on record by who asked for
// the file.
func permitted(ctx context.Context, _ any, next graphql.Resolver, scope trust.Scope) (any, error) {
	if _, err := trust.Require(ctx, scope); err != nil {
		return nil, err
	}
	return next(ctx)
}

// listing is a query for one list or report.
type listing struct {
	doc  *ast.QueryDocument
	root *ast.Field
	rows *ast.Field // edges, or rows
	node *ast.Field // of an edge; nil of a report
}

func noListing(format string, args ...any) error {
	return problem.At(problem.Invalid, "query", format, args...)
}

func (e *exporter) listing(text string) (l listing, err error) {
	if l.doc, err = e.valid(text); err != nil {
		return l, err
	}
	op := l.doc.Operations[0]
	if len(l.doc.Operations) != 1 || op.Operation != ast.Query || len(op.SelectionSet) != 1 || len(op.VariableDefinitions) > 0 {
		return l, noListing("must be one query for one list or report, without variables")
	}
	l.root, _ = op.SelectionSet[0].(*ast.Field)
	switch {
	case l.root == nil:
		return l, noListing("must not hold fragments")
	case l.root.Name == "report":
		l.rows = sole(l.root.SelectionSet, "rows")
	case strings.HasSuffix(l.root.Definition.Type.Name(), "Connection"):
		if l.rows = sole(l.root.SelectionSet, "edges"); l.rows != nil {
			l.node = sole(l.rows.SelectionSet, "node")
		}
	default:
		return l, noListing("%s is no list and no report", l.root.Name)
	}
	if l.rows == nil || l.root.Name != "report" && l.node == nil {
		return l, noListing("must ask for edges { node { … } } of a list or for rows { … } of a report, and for nothing beside")
	}
	for _, a := range l.root.Arguments {
		if slices.Contains([]string{"first", "last", "after", "before"}, a.Name) {
			return l, noListing("must not say %s: the list is read to its end", a.Name)
		}
	}
	return l, nil
}

// valid parses and checks a text as a request's, with a page of the list in its price.
func (e *exporter) valid(text string) (*ast.QueryDocument, error) {
	doc, fault := e.reader.parse(text)
	if fault != nil {
		return nil, noListing("%s", clipped(fault.Message))
	}
	if faults := e.reader.check(doc); len(faults) > 0 {
		return nil, noListing("%s", clipped(faults[0].Message))
	}
	if _, fault := bounds.Standard.Measure(bounds.Request{Document: doc}, e.prices); fault != nil {
		return nil, noListing("%s", clipped(fault.Message))
	}
	return doc, nil
}

// sole is the field of that name when nothing else is asked for.
func sole(set ast.SelectionSet, name string) *ast.Field {
	if len(set) != 1 {
		return nil
	}
	f, _ := set[0].(*ast.Field)
	if f == nil || f.Name != name || f.Alias != name || len(f.Directives) > 0 {
		return nil
	}
	return f
}

// Columns as of export.Reader.
func (e *exporter) Columns(text string) ([]export.Column, error) {
	l, err := e.listing(text)
	if err != nil {
		return nil, err
	}
	of := l.rows
	if l.node != nil {
		of = l.node
	}
	return columnsOf(of.SelectionSet, nil)
}

// numbers are what may begin with a sign and is no formula; who writes any other value may
// be anybody.
var numbers = []string{"Int", "Float", "Decimal"}

// columnsOf walks to the values of a row. A list among them is one column.
func columnsOf(set ast.SelectionSet, path []string) (all []export.Column, err error) {
	for _, one := range set {
		f, ok := one.(*ast.Field)
		if !ok {
			return nil, noListing("must not hold fragments: spell the fields out")
		}
		below := append(slices.Clone(path), f.Alias)
		typ := f.Definition.Type
		if len(f.SelectionSet) == 0 || typ.Elem != nil {
			all = append(all, export.Column{Path: below, Text: !slices.Contains(numbers, typ.Name())})
			continue
		}
		more, err := columnsOf(f.SelectionSet, below)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// Read as of export.Reader.
func (e *exporter) Read(ctx context.Context, text, cursor, until string) (page export.Page, err error) {
	l, err := e.listing(text)
	if err != nil {
		return page, err
	}
	if l.node != nil {
		l.paged(cursor)
	}
	var query bytes.Buffer
	formatter.NewFormatter(&query).FormatQueryDocument(l.doc)
	data, err := e.execute(ctx, query.String())
	if err != nil {
		return page, err
	}
	var answer map[string]answered
	if err := json.Unmarshal(data, &answer); err != nil {
		return page, err
	}
	return answer[l.root.Alias].page(l.node == nil, until), nil
}

// paged makes the query one for a page, and for the ids of its rows.
func (l listing) paged(cursor string) {
	l.root.Arguments = append(l.root.Arguments, &ast.Argument{Name: "first", Value: &ast.Value{Kind: ast.IntValue, Raw: exportPage}})
	if cursor != "" {
		l.root.Arguments = append(l.root.Arguments, &ast.Argument{Name: "after", Value: &ast.Value{Kind: ast.StringValue, Raw: cursor}})
	}
	plain := func(name string, below ...ast.Selection) *ast.Field {
		return &ast.Field{Alias: name, Name: name, SelectionSet: below}
	}
	l.root.SelectionSet = append(l.root.SelectionSet, plain("pageInfo", plain("hasNextPage"), plain("endCursor")))
	row := plain("node", plain("id"))
	row.Alias = "itself"
	l.rows.SelectionSet = append(l.rows.SelectionSet, row)
}

// answered is what a page of a list, or a report, looks like.
type answered struct {
	Edges []struct {
		Node   json.RawMessage
		Itself struct{ ID string }
	}
	Rows     []json.RawMessage
	PageInfo struct {
		HasNextPage bool
		EndCursor   string
	}
}

func (a answered) page(report bool, until string) export.Page {
	if report {
		return export.Page{Rows: a.Rows, Done: true}
	}
	page := export.Page{Next: a.PageInfo.EndCursor, Done: !a.PageInfo.HasNextPage}
	for _, e := range a.Edges {
		if until == "" || ageOf(e.Itself.ID) <= ageOf(until) {
			page.Rows = append(page.Rows, e.Node)
		}
	}
	return page
}

// ageOf is the part of an id that orders rows by when they were made.
func ageOf(id string) string {
	_, text, _ := strings.Cut(id, "_")
	return text
}

// execute runs a query as the viewer. The first error is that of the whole: a file with
// holes where something could not be read would not say so.
func (e *exporter) execute(ctx context.Context, query string) (json.RawMessage, error) {
	ctx = graphql.StartOperationTrace(ctx)
	op, faults := e.run.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if len(faults) > 0 {
		return nil, fmt.Errorf("a query of an export: %w", faults)
	}
	respond, ctx := e.run.DispatchOperation(graphql.WithOperationContext(ctx, op), op)
	answer := respond(ctx)
	if len(answer.Errors) > 0 {
		return nil, asProblem(answer.Errors[0])
	}
	return answer.Data, nil
}

// asProblem is an error that was presented, as the one it says it is.
func asProblem(g *gqlerror.Error) error {
	code, _ := g.Extensions["code"].(string)
	return problem.At(problem.Code(code), "query", "%s", g.Message)
}

// exportPause is how often an export is looked at for who watches it.
const exportPause = 300 * time.Millisecond

// watchExport tells an export whenever it has got on, until it has ended.
func (r *Resolver) watchExport(ctx context.Context, id string) (<-chan *ent.Export, error) {
	row, err := r.Exports.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make(chan *ent.Export, 1)
	go func() {
		defer close(out)
		tick := time.NewTicker(exportPause)
		defer tick.Stop()
		for told := int64(-1); ; {
			if ended := row.FinishedAt != nil; ended || row.Rows != told {
				select {
				case out <- row:
				case <-ctx.Done():
					return
				}
				if told = row.Rows; ended {
					return
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if row, err = r.Exports.Get(ctx, id); err != nil {
				r.Log.Warn("an export is not told any more", "export", id, "error", err)
				return
			}
		}
	}()
	return out, nil
}
