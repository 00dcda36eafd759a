package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// receiver returns the name under which what a call is given a span is defined,
// and the dotted name of its module, "" where that cannot be told.
func (w *world) receiver(call *rewrite.Node) (h HandOut, module string) {
	fn := call.Child("function")
	module = moduleOf(w.absolute(fn))
	switch {
	case fn.Is("identifier"):
		h.Name = fn.Text()
		if module == "" {
			h.Module = ModuleWord(call.File.Path)
		}
		if _, bindings := fn.File.ScopeOf(fn).Lookup(fn.Text()); len(bindings) > 0 && bindings[0].Kind == rewrite.Import {
			_, h.Name = cutName(bindings[0].Target)
		}
	case fn.Is("attribute"):
		h.Name = fn.Child("attribute").Text()
		if module == "" {
			module = w.madeIn(fn.Child("object"))
		}
	}
	if module != "" {
		_, h.Module = cutName(module)
	}
	return h, module
}

// madeIn returns the module of the class that made an object, or that its
// annotation names, "" where neither can be told.
func (w *world) madeIn(object *rewrite.Node) string {
	if object.Is("call") {
		return moduleOf(w.absolute(object.Child("function")))
	}
	if !object.Is("identifier") {
		return ""
	}
	_, bindings := object.File.ScopeOf(object).Lookup(object.Text())
	for _, b := range bindings {
		switch {
		case b.Type != nil:
			return moduleOf(w.absolute(b.Type.Children[0]))
		case b.Value.Is("call"):
			return moduleOf(w.absolute(b.Value.Child("function")))
		}
	}
	return ""
}

// collects reports a variable or attribute into which spans are put, given the
// places that use it.
func (w *world) collects(uses ...*rewrite.Node) bool {
	elem := w.storedElements(func(*rewrite.Node) bool { return true }, uses)
	return elem != nil && elem.isSpan()
}

// boundTo returns the name that a call's value is bound to by an assignment or
// by "with", or nil.
func boundTo(call *rewrite.Node) *rewrite.Node {
	var target *rewrite.Node
	switch p := call.Parent; {
	case p.Is("assignment") && call.Field == "right":
		target = p.Child("left")
	case p.Is("as_pattern"):
		if target = p.Child("alias"); target.Is("as_pattern_target") && len(target.Children) == 1 {
			target = target.Children[0]
		}
	}
	if target.Is("attribute") {
		target = target.Child("attribute")
	}
	if !target.Is("identifier") {
		return nil
	}
	return target
}

// cutName splits a dotted name before its last component.
func cutName(dotted string) (module, name string) {
	i := strings.LastIndexByte(dotted, '.')
	return dotted[:max(i, 0)], dotted[i+1:]
}
