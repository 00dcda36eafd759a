package rewrite

/*
#include <stdint.h>
#include <stdbool.h>

// The runtime below is linked in by go-tree-sitter; the declarations follow its
// api.h. They are weak because cgo links each package on its own first.
typedef struct { uint32_t context[4]; const void *id; const void *tree; } Node;
typedef struct { const void *tree; const void *id; uint32_t context[4]; } Cursor;
extern Cursor ts_tree_cursor_new(Node) __attribute__((weak));
extern void ts_tree_cursor_delete(Cursor *) __attribute__((weak));
extern Node ts_tree_cursor_current_node(const Cursor *) __attribute__((weak));
extern uint16_t ts_tree_cursor_current_field_id(const Cursor *) __attribute__((weak));
extern bool ts_tree_cursor_goto_parent(Cursor *) __attribute__((weak));
extern bool ts_tree_cursor_goto_next_sibling(Cursor *) __attribute__((weak));
extern bool ts_tree_cursor_goto_first_child(Cursor *) __attribute__((weak));
extern uint32_t ts_node_start_byte(Node) __attribute__((weak));
extern uint32_t ts_node_end_byte(Node) __attribute__((weak));
extern uint16_t ts_node_symbol(Node) __attribute__((weak));
extern bool ts_node_is_named(Node) __attribute__((weak));
extern bool ts_node_is_missing(Node) __attribute__((weak));

typedef struct { uint32_t start, end, depth; uint16_t symbol, field; uint8_t named, missing; } Rec;

// dump writes the tree in preorder and returns the number of nodes, or the
// number needed when it is more than cap.
static uint32_t dump(const Node *root, Rec *out, uint32_t cap) {
	Cursor c = ts_tree_cursor_new(*root);
	uint32_t n = 0, depth = 0;
	for (;;) {
		Node node = ts_tree_cursor_current_node(&c);
		if (n < cap) {
			Rec *r = &out[n];
			r->start = ts_node_start_byte(node);
			r->end = ts_node_end_byte(node);
			r->depth = depth;
			r->symbol = ts_node_symbol(node);
			r->field = ts_tree_cursor_current_field_id(&c);
			r->named = ts_node_is_named(node);
			r->missing = ts_node_is_missing(node);
		}
		n++;
		if (ts_tree_cursor_goto_first_child(&c)) { depth++; continue; }
		for (;;) {
			if (depth == 0) { ts_tree_cursor_delete(&c); return n; }
			if (ts_tree_cursor_goto_next_sibling(&c)) break;
			ts_tree_cursor_goto_parent(&c);
			depth--;
		}
	}
}
*/
import "C"

import (
	"context"
	"fmt"
	"sync"
	"unsafe"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/python"
)

// record is one node of a syntax tree in preorder, as tree-sitter gives it.
type record struct {
	start, end, depth int32
	symbol, field     uint16
	named             bool
	broken            bool // an ERROR, or a token that is missing
}

const errorKind = "ERROR"

// grammar holds the names of the Python grammar's symbols and fields.
type grammar struct {
	language *sitter.Language
	symbols  []string
	fields   []string
	comment  uint16
	line     uint16 // a line continuation
}

// kind returns the name of a record's symbol; ERROR's number is beyond them.
func (g *grammar) kind(r record) string {
	if int(r.symbol) < len(g.symbols) {
		return g.symbols[r.symbol]
	}
	return errorKind
}

var pythonGrammar = sync.OnceValue(func() *grammar {
	g := &grammar{language: python.GetLanguage()}
	for i := range g.language.SymbolCount() {
		name := g.language.SymbolName(sitter.Symbol(i))
		switch name {
		case "comment":
			g.comment = uint16(i)
		case "line_continuation":
			g.line = uint16(i)
		}
		g.symbols = append(g.symbols, name)
	}
	for i := range 256 {
		name := g.language.FieldName(i)
		if i > 0 && name == "" {
			break
		}
		g.fields = append(g.fields, name)
	}
	return g
})

// worker is a tree-sitter parser and the memory its trees are copied to.
type worker struct {
	parser *sitter.Parser
	recs   []C.Rec
}

// workers keeps a parser per goroutine; they are costly to make and must never
// be shared.
var workers = sync.Pool{New: func() any {
	p := sitter.NewParser()
	p.SetLanguage(pythonGrammar().language)
	p.SetOperationLimit(20_000_000) // microseconds; hostile input only
	return &worker{parser: p}
}}

// treeSitter parses src and returns its nodes in preorder with byte offsets
// into src. It copies the tree out of C at once: trees cost fifty times their
// source and abort the process when two goroutines read one (facts/go.md 2.3).
func treeSitter(src []byte) ([]record, error) {
	w := workers.Get().(*worker)
	tree, err := w.parser.ParseCtx(context.Background(), nil, src)
	if err != nil {
		w.parser.Close() // after an error the next parse would resume the old source
		return nil, fmt.Errorf("parse: %w", err)
	}
	defer workers.Put(w)
	defer tree.Close()
	recs := w.dump(tree.RootNode())
	out, symbols := make([]record, len(recs)), len(pythonGrammar().symbols)
	for i, r := range recs {
		out[i] = record{
			start: int32(r.start), end: int32(r.end), depth: int32(r.depth),
			symbol: uint16(r.symbol), field: uint16(r.field),
			named: r.named != 0, broken: r.missing != 0 || int(r.symbol) >= symbols,
		}
	}
	return out, nil
}

// dump copies the tree below a node; the result is good until the next dump.
func (w *worker) dump(root *sitter.Node) []C.Rec {
	node := *(*C.Node)(unsafe.Pointer(root)) // the first field of sitter.Node is the C node
	if w.recs == nil {
		w.recs = make([]C.Rec, 4096)
	}
	n := int(C.dump(&node, &w.recs[0], C.uint32_t(len(w.recs))))
	if n > len(w.recs) {
		w.recs = make([]C.Rec, n+n/2)
		C.dump(&node, &w.recs[0], C.uint32_t(len(w.recs)))
	}
	return w.recs[:n]
}
