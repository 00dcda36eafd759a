package steps

import "spanwalk/rewrite"

// quietManager is [world.quietBetween] for a context manager of the project
// that makes its span in __init__ and enters it in __enter__: nothing opens in
// between where every instance is entered where it is made.
func (w *world) quietManager(call, made, enter *rewrite.Node) bool {
	init, in := call.Function(), enter.Function()
	class := init.Class()
	if class == nil || in.Class() != class || init.Child("name").Text() != "__init__" || in.Child("name").Text() != "__enter__" {
		return false
	}
	for _, s := range after(made, init) {
		if !w.quiet(s, call) {
			return false
		}
	}
	for _, s := range in.Child("body").Children {
		if s.Contains(enter) {
			return alwaysEnters(s, enter) && w.quietHead(s, enter, call) && w.enteredAtOnce(class)
		}
		if !w.quiet(s, call) {
			return false
		}
	}
	return false
}

// after returns the statements that follow one in its blocks up to the end of
// a function, and the statement itself where something else than the branch of
// an "if" or "match" stands in between.
func after(stmt, fn *rewrite.Node) []*rewrite.Node {
	var out []*rewrite.Node
	for s := stmt; s != nil && s != fn; s = leaveBranch(s) {
		reached := false
		for _, next := range s.Parent.Children {
			if reached {
				out = append(out, next)
			}
			reached = reached || next == s
		}
		if s.Parent == fn.Child("body") {
			return out
		}
	}
	return append(out, stmt)
}

// enteredAtOnce reports a class of which the project does nothing but make
// instances in "with".
func (w *world) enteredAtOnce(class *rewrite.Node) bool {
	name := class.Child("name")
	scope, _ := class.File.ScopeOf(name).Lookup(name.Text())
	found := false
	for _, f := range w.project.Files() {
		for _, list := range f.ModuleScope().Names {
			for _, b := range list {
				if b.Kind == rewrite.Import && w.project.Name(b.Node).Def == class && !w.onlyEntered(f.ModuleScope(), b.Name, &found) {
					return false
				}
			}
		}
	}
	for _, a := range w.attributes(name.Text()) {
		if w.project.Name(a).Def == class && !w.entersCall(a) {
			return false
		}
	}
	return w.onlyEntered(scope, name.Text(), &found) && found
}

// entersCall reports a callee whose call is what an item of "with" enters.
func (w *world) entersCall(fn *rewrite.Node) bool {
	call := fn.Parent
	return call.Is("call") && fn.Field == "function" && (call.Parent.Is("with_item") || call.Parent.Is("as_pattern") && call.Parent.Parent.Is("with_item"))
}

// onlyEntered reports whether a name is only called by the items of "with", and
// sets found where it is.
func (w *world) onlyEntered(scope *rewrite.Scope, name string, found *bool) bool {
	for _, r := range w.uses(variable{scope, name}) {
		switch {
		case w.isBinding(r) || r.Ancestor("import_from_statement", "import_statement") != nil:
		case w.entersCall(r):
			*found = true
		default:
			return false
		}
	}
	return true
}
