package steps

import "spanwalk/rewrite"

// spanFlags says which spans a value can be.
type spanFlags int

const (
	legacySpan    spanFlags = 1 << iota // of sentry_sdk.tracing
	streamedSpan                        // of sentry_sdk.traces
	rootSpan                            // a transaction, or created with parent_span=None
	noOpSpan                            // NoOpSpan or NoOpStreamedSpan
	continuedSpan                       // an unstarted transaction from continue_trace
	currentSpan                         // whatever get_current_span() gave
	rootAccess                          // reached by scope.transaction or containing_transaction, which streamed code lacks
)

// kind is what a value is known to be. The zero kind is "nothing known yet";
// kinds of several possible values are joined.
type kind struct {
	span    spanFlags
	sites   []*rewrite.Node // the calls that created the span
	none    bool            // may be None
	other   bool            // may be something that is no span, scope or None
	scope   bool            // a Scope, or what with yields one
	hub     bool            // a Hub
	elem    *kind           // what a list, dict or iterator holds
	items   []kind          // what a tuple holds, by position
	enter   *kind           // what "with x as y" binds where that is not x itself
	context bool            // a context manager of the project or unknown kind
	stands  []*rewrite.Node // project classes that stand in for a span and do nothing
}

func (k kind) isSpan() bool { return k.span != 0 }

// hasSpan reports a span, or something that holds spans or gives one when it is
// entered.
func (k kind) hasSpan() bool {
	return k.isSpan() || k.enter != nil && k.enter.isSpan() || k.elem != nil && k.elem.isSpan()
}

// proven reports whether the value is a span or None, nothing else.
func (k kind) proven() bool { return k.span != 0 && !k.other && !k.scope }

var otherKind = kind{other: true}

func join(a, b kind) kind {
	out := kind{span: a.span | b.span, none: a.none || b.none, other: a.other || b.other,
		scope: a.scope || b.scope, hub: a.hub || b.hub, context: a.context || b.context,
		elem: joinPointers(a.elem, b.elem), enter: joinPointers(a.enter, b.enter), items: a.items}
	if len(out.items) == 0 {
		out.items = b.items
	}
	out.stands = append(out.stands, a.stands...)
	for _, s := range b.stands {
		if !containsNode(out.stands, s) {
			out.stands = append(out.stands, s)
		}
	}
	out.sites = append(out.sites, a.sites...)
	for _, s := range b.sites {
		if !containsNode(out.sites, s) {
			out.sites = append(out.sites, s)
		}
	}
	return out
}

// madeBy is a span that an annotation promises, k, as the calls make it that the
// code is seen to pass there: seen. The annotation moves on whatever they do.
func (k kind) madeBy(seen kind) kind {
	if !seen.isSpan() {
		return k
	}
	if !seen.other {
		k.span = 0
	}
	k.span |= seen.span
	k.sites, k.stands = seen.sites, seen.stands
	return k
}

func joinPointers(a, b *kind) *kind {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	k := join(*a, *b)
	return &k
}

func containsNode(list []*rewrite.Node, n *rewrite.Node) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// at follows an unpacking target into a kind.
func at(k kind, index []int) kind {
	for _, i := range index {
		switch {
		case i >= 0 && i < len(k.items):
			k = k.items[i]
		case k.elem != nil:
			k = *k.elem
		default:
			return otherKind
		}
	}
	return k
}
