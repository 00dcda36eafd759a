package steps

import "spanwalk/rewrite"

// storedElements joins what is put into a container by append, add,
// setdefault, insert, put, set or a subscript assignment on targets.
func (w *world) storedElements(is func(*rewrite.Node) bool, targets []*rewrite.Node) *kind {
	var out *kind
	for _, t := range targets {
		if is(t) {
			out = joinPointers(out, w.storedIn(t, 3))
		}
	}
	return out
}

// storedIn is what the expression around a container puts into it, or into a
// container that is an element of it: "open[key].append(span)".
func (w *world) storedIn(t *rewrite.Node, hops int) *kind {
	p := t.Parent
	var inner *kind
	switch {
	case hops == 0:
		return nil
	case p.Is("subscript") && t.Field == "value":
		if p.Parent.Is("assignment") && p.Field == "left" {
			k := w.typeOf(p.Parent.Child("right"))
			return &k
		}
		inner = w.storedIn(p, hops-1)
	case p.Is("attribute") && t.Field == "object" && p.Parent.Is("call") && p.Field == "function":
		switch p.Child("attribute").Text() {
		case "setdefault", "get":
			inner = w.storedIn(p.Parent, hops-1)
		}
		switch p.Child("attribute").Text() {
		case "append", "add", "appendleft", "setdefault", "insert", "put", "put_nowait", "set":
			if args := p.Parent.Args(); len(args) > 0 {
				k := w.typeOf(args[len(args)-1].Value)
				if inner != nil {
					k.elem = joinPointers(k.elem, inner)
				}
				return &k
			}
		}
	}
	if inner == nil {
		return nil
	}
	return &kind{other: true, elem: inner}
}

func (w *world) inferSubscript(n *rewrite.Node) kind {
	recv := w.typeOf(n.Child("value"))
	index := n.Child("subscript")
	if len(recv.items) > 0 && index.Is("integer") {
		if i := int(index.Text()[0] - '0'); len(index.Text()) == 1 && i < len(recv.items) {
			return recv.items[i]
		}
	}
	if recv.elem != nil {
		if index.Is("slice") {
			return recv
		}
		return *recv.elem
	}
	return otherKind
}

// containerMethod is what a method of a list or dict that holds spans returns.
func containerMethod(method string, recv kind) kind {
	elem := *recv.elem
	switch method {
	case "pop", "popleft", "popitem", "setdefault":
		return elem
	case "get", "get_nowait":
		elem.none = true
		return elem
	case "values", "copy", "keys":
		return kind{other: true, elem: recv.elem}
	case "items":
		return kind{other: true, elem: &kind{other: true, items: []kind{otherKind, elem}}}
	}
	return otherKind
}
