package steps

import "spanwalk/rewrite"

// quietBetween reports whether nothing that could open a span runs between the
// creation of a span and the place that enters it.
func (w *world) quietBetween(call, enter *rewrite.Node) bool {
	made := call.Statement()
	if made == nil {
		return false
	}
	if fn := call.Function(); fn != enter.Function() {
		return w.quietReturn(call, made, enter) || w.quietManager(call, made, enter)
	}
	for branch := made; branch != nil; branch = leaveBranch(branch) {
		reached, entered := false, false
		for _, s := range branch.Parent.Children {
			switch {
			case s == branch:
				reached = true
			case reached && s.Contains(enter):
				if alwaysEnters(s, enter) {
					return w.quietHead(s, enter, call)
				}
				if entered = w.quietBeside(s, enter, call); !entered {
					return false
				}
			case reached && !w.quiet(s, call):
				return false
			}
		}
		if entered {
			return true
		}
	}
	return false
}

// leaveBranch returns the statement behind which a program goes on when the
// block around s has run: the "if" or "match" that s stands in a branch of.
func leaveBranch(s *rewrite.Node) *rewrite.Node {
	around := s.Parent.Parent
	for around.Is("elif_clause", "else_clause", "case_clause") || around.Is("block") && around.Parent.Is("match_statement") {
		around = around.Parent
	}
	if around.Is("if_statement", "match_statement") {
		return around
	}
	return nil
}

// alwaysEnters reports whether a statement enters the span whenever it runs: no
// branch and no loop stands around the entry.
func alwaysEnters(s, enter *rewrite.Node) bool {
	for n := enter; n != s; n = n.Parent {
		if n.Parent.Is("if_statement", "elif_clause", "else_clause", "for_statement", "while_statement", "match_statement", "except_clause",
			"case_clause", "conditional_expression", "boolean_operator") && n.Field != "condition" {
			return false
		}
	}
	return !s.Is("if_statement", "for_statement", "while_statement", "match_statement") || s == enter
}

// quietBeside reports whether nothing in a statement that may enter the span
// could open another one, but for the block in which the span is entered: on
// the other ways it is made and not current.
func (w *world) quietBeside(s, enter, call *rewrite.Node) bool {
	block := enter.Statement()
	quiet := true
	s.Walk(func(n *rewrite.Node) bool {
		if n == block {
			quiet = quiet && w.quietHead(block, enter, call)
			return false
		}
		if n.Is("call") && !w.quietCall(n, call) {
			quiet = false
		}
		return quiet && !n.Is("function_definition", "class_definition", "lambda")
	})
	return quiet
}

// quietReturn is [world.quietBetween] for a span that a function hands to a
// caller which enters it, at once or by way of a variable.
func (w *world) quietReturn(call, made, enter *rewrite.Node) bool {
	fn := call.Function()
	if !fn.Is("function_definition") || w.functionOf(enter) != fn && !w.quietVariable(enter, fn) {
		return false
	}
	reached := false
	for _, s := range made.Parent.Children {
		if s == made {
			reached = true
			continue
		}
		if reached && !w.quiet(s, call) {
			return false
		}
	}
	return made.Parent == fn.Child("body")
}

// quietVariable reports a variable that holds results of a function alone, none
// of which opens a span on its way to where the variable is entered.
func (w *world) quietVariable(enter, fn *rewrite.Node) bool {
	if !enter.Is("identifier") {
		return false
	}
	_, bindings := enter.File.ScopeOf(enter).Lookup(enter.Text())
	known := reaching(enter, bindings)
	for _, b := range known {
		v := b.Value.Inner()
		if b.Kind != rewrite.Assign || !v.Is("call") || w.functionOf(v) != fn || v.Function() != enter.Function() || !w.quietBetween(v, enter) {
			return false
		}
	}
	return len(known) > 0
}

// quietHead looks at what runs in the statement s before it enters the span.
func (w *world) quietHead(s, enter, call *rewrite.Node) bool {
	quiet := true
	s.Walk(func(n *rewrite.Node) bool {
		if n.Start >= enter.Start || !quiet {
			return false
		}
		if n.Is("call") && n.End <= enter.Start && !w.quietCall(n, call) {
			quiet = false
		}
		return true
	})
	return quiet
}

// quiet reports whether a statement calls nothing that could open a span.
func (w *world) quiet(s, made *rewrite.Node) bool {
	quiet := true
	s.Walk(func(n *rewrite.Node) bool {
		if n.Is("call") && !w.quietCall(n, made) {
			quiet = false
		}
		return quiet && !n.Is("function_definition", "class_definition", "lambda")
	})
	return quiet
}

// quietModules are modules whose functions never open a span.
var quietModules = map[string]bool{"time": true, "logging": true, "uuid": true, "json": true, "datetime": true,
	"math": true, "random": true, "os": true, "typing": true, "functools": true, "itertools": true, "collections": true,
	"decimal": true, "fractions": true, "pathlib": true, "re": true, "string": true, "copy": true, "operator": true, "hashlib": true, "base64": true, "enum": true}

func (w *world) quietCall(c, made *rewrite.Node) bool {
	fn := c.Child("function")
	name := w.callee(c)
	root := name
	for i := range name {
		if name[i] == '.' {
			root = name[:i]
			break
		}
	}
	switch {
	case quietModules[root]:
		return true
	case root == "sentry_sdk":
		_, makes := spanMakers[name]
		return !makes
	case fn.Is("identifier"):
		return w.project.IsBuiltin(fn)
	case fn.Is("attribute"):
		k := w.typeOf(fn.Child("object"))
		if k.isSpan() || k.scope {
			method := fn.Child("attribute").Text()
			return method != "start_child" && method != "start_span" && method != "start_transaction"
		}
		return k.elem != nil || w.plainValue(fn.Child("object"), 4) || quietMethod(fn.Child("attribute").Text())
	}
	return false
}

// plainValue reports a literal or a result of a built-in function, at hand or
// in a variable that holds nothing else: its methods open no span.
func (w *world) plainValue(n *rewrite.Node, hops int) bool {
	n = n.Inner()
	switch {
	case hops == 0:
		return false
	case n.Is("string", "concatenated_string", "integer", "float", "list", "dictionary", "set", "tuple"):
		return true
	case n.Is("call"):
		return w.project.IsBuiltin(n.Child("function"))
	case n.Is("identifier"):
		_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		known := reaching(n, bindings)
		for _, b := range known {
			if b.Kind != rewrite.Assign || b.Index != nil || b.Value == nil || !w.plainValue(b.Value, hops-1) {
				return false
			}
		}
		return len(known) > 0
	}
	return false
}

// quietMethod lists methods of strings, lists and dicts.
func quietMethod(name string) bool {
	switch name {
	case "items", "keys", "values", "get", "append", "format", "join", "split", "strip", "lower", "upper", "startswith",
		"title", "capitalize", "casefold", "lstrip", "rstrip", "rsplit", "splitlines", "partition", "zfill", "encode", "decode",
		"endswith", "replace", "pop", "update", "setdefault", "extend", "debug", "info", "warning", "error", "hex", "isoformat":
		return true
	}
	return false
}
