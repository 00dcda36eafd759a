package steps

import "spanwalk/rewrite"

func (w *world) attributeOf(n *rewrite.Node, hops int) attributeValue {
	name, obj := n.Child("attribute").Text(), n.Child("object")
	switch name {
	case "__name__", "__qualname__", "__module__", "__doc__":
		return sameText
	case "__dict__":
		return aMapping
	}
	if class := w.project.Name(obj).Def; class.Is("class_definition") {
		return w.enumMember(class)
	}
	if class := w.instanceOf(obj); class != nil {
		return w.fieldValue(class, name, hops)
	}
	if v := w.project.Name(n).Value; v != nil && v != n {
		return w.classify(v, hops-1)
	}
	switch w.dotted(n) {
	case "math.nan", "math.inf":
		return noNumber
	}
	return attributeValue{}
}

// enumMember is what an attribute of a class is worth: a member, where the
// class is an enumeration.
func (w *world) enumMember(class *rewrite.Node) attributeValue {
	bases := w.baseNames(class, 5)
	switch {
	case bases["enum.StrEnum"], bases["enum.IntEnum"], bases["enum.IntFlag"], bases["enum.Enum"] && (bases["str"] || bases["int"]):
		return attributeValue{class: valueSame, of: "enum"}
	case bases["enum.Enum"], bases["enum.Flag"]:
		return attributeValue{class: valueRepr, enum: true}
	}
	return attributeValue{}
}

// baseNames returns the names of the classes a project class derives from that
// the project does not define; builtins under their own name.
func (w *world) baseNames(class *rewrite.Node, hops int) map[string]bool {
	out := map[string]bool{}
	list := class.Child("superclasses")
	if list == nil || hops == 0 {
		return out
	}
	for _, c := range list.Children {
		switch name := w.project.Name(c); {
		case c.Is("keyword_argument"):
			out["metaclass"] = true
		case name.Def.Is("class_definition"):
			for base := range w.baseNames(name.Def, hops-1) {
				out[base] = true
			}
		case name.Dotted != "":
			out[name.Dotted] = true
		default:
			out[c.Text()] = true
		}
	}
	return out
}

// instanceValue is what an instance of a project class is sent as: its repr,
// unless it is a container or derives from something unknown.
func (w *world) instanceValue(class *rewrite.Node) attributeValue {
	bases := w.baseNames(class, 5)
	switch {
	case bases["enum.Enum"] || bases["enum.IntEnum"] || bases["enum.StrEnum"]:
		return w.enumMember(class)
	case bases["dict"] || bases["TypedDict"] || bases["typing.TypedDict"]:
		return aMapping
	case bases["str"] || bases["int"] || bases["float"]:
		return sameNumber
	}
	for base := range bases {
		if base != "object" && base != "Exception" && base != "ValueError" && base != "RuntimeError" && base != "abc.ABC" && base != "metaclass" {
			return attributeValue{}
		}
	}
	for _, name := range []string{"__iter__", "__getitem__", "__sentry_repr__"} {
		if w.project.Method(class, name) != nil {
			return attributeValue{}
		}
	}
	return reprValue
}

// fieldValue joins the annotation of a field and what is stored in it.
func (w *world) fieldValue(class *rewrite.Node, name string, hops int) attributeValue {
	if body := class.Child("body"); body != nil && len(body.Children) > 0 {
		for _, b := range class.File.ScopeOf(body).Names[name] {
			if b.Type != nil {
				return w.annotatedValue(b.Type)
			}
		}
	}
	if m := w.project.Method(class, name); m != nil {
		if hasDecorator(m, "property", "cached_property") {
			return w.functionValue(m, hops)
		}
		return attributeValue{}
	}
	return w.joinAll(w.stores(field{class, name}), hops)
}
