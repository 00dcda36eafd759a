package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// valueClass is what becomes of a value as a span attribute, compared with what
// legacy data and tags made of it (facts/sdk.md H).
type valueClass int

const (
	valueUnknown  valueClass = iota // nothing tells
	valueSame                       // sent alike: text, numbers, truth values, lists of one of these
	valueRepr                       // sent as its repr before and after: enums, UUIDs, decimals, paths, dates, objects
	valueNone                       // None
	valueDict                       // a dict display: was an object, is its repr
	valueMapping                    // another dict
	valueDatetime                   // was ISO text in UTC, is its repr
	valueSet                        // was a list, is its repr
	valueBytes                      // was text, is its repr
	valueMixed                      // a list that is not of one primitive type: was a list, is its repr
	valueNoNumber                   // NaN or an infinity: was text, and below 2.73.0 costs all spans sent with it
)

// attributeValue is what is known about a value.
type attributeValue struct {
	class valueClass
	of    string // for valueSame the one type: "str", "int", "float", "bool", "list"; "" when it is one of several
	none  bool   // may be None besides
	enum  bool   // for valueRepr: has .value
}

// differs reports a value that is sent otherwise than before.
func (v attributeValue) differs() bool { return v.none || v.class >= valueNone }

// joinValues is what a value is that may be either.
func joinValues(a, b attributeValue) attributeValue {
	none := a.none || b.none || a.class == valueNone || b.class == valueNone
	switch {
	case a.class == valueNone:
		a = b
	case b.class == valueNone:
	case a.class != b.class:
		a = attributeValue{}
	case a.of != b.of:
		a.of = ""
	}
	a.none = none && a.class != valueNone
	return a
}

var (
	sameText   = attributeValue{class: valueSame, of: "str"}
	sameInt    = attributeValue{class: valueSame, of: "int"}
	sameFloat  = attributeValue{class: valueSame, of: "float"}
	sameBool   = attributeValue{class: valueSame, of: "bool"}
	sameList   = attributeValue{class: valueSame, of: "list"}
	sameNumber = attributeValue{class: valueSame}
	reprValue  = attributeValue{class: valueRepr}
	aMapping   = attributeValue{class: valueMapping}
	aDatetime  = attributeValue{class: valueDatetime}
	aSet       = attributeValue{class: valueSet}
	someBytes  = attributeValue{class: valueBytes}
	mixedList  = attributeValue{class: valueMixed}
	noNumber   = attributeValue{class: valueNoNumber}
)

// attributeValue classifies an expression by its form, by annotations, by what
// is assigned to a variable or field, and by what callers pass.
func (w *world) attributeValue(n *rewrite.Node) attributeValue {
	v := w.classify(n, 6)
	if v.class != valueNone && w.mayBeNone(n) {
		v.none = true
	}
	if v.none && n.Inner().Is("identifier") && w.guarded(n.Inner()) {
		v.none = false
	}
	return v
}

func (w *world) classify(n *rewrite.Node, hops int) attributeValue {
	n = n.Inner()
	if n == nil || hops == 0 {
		return attributeValue{}
	}
	switch n.Kind {
	case "none":
		return attributeValue{class: valueNone}
	case "string":
		if strings.ContainsAny(n.Children[0].Text(), "bB") {
			return someBytes
		}
		return sameText
	case "concatenated_string":
		return w.classify(n.Children[0], hops)
	case "integer":
		return sameInt
	case "float":
		return sameFloat
	case "true", "false", "comparison_operator", "not_operator":
		return sameBool
	case "unary_operator":
		return w.classify(n.Child("argument"), hops)
	case "binary_operator":
		return w.arithmetic(n, hops)
	case "boolean_operator":
		return w.eitherOperand(n, hops)
	case "conditional_expression":
		return joinValues(w.classify(n.Children[0], hops-1), w.classify(n.Children[2], hops-1))
	case "named_expression":
		return w.classify(n.Child("value"), hops)
	case "list", "tuple":
		return w.listValue(n, hops)
	case "list_comprehension":
		return listOf(w.classify(n.Child("body"), hops-1))
	case "dictionary":
		return attributeValue{class: valueDict}
	case "dictionary_comprehension":
		return aMapping
	case "set", "set_comprehension":
		return aSet
	case "generator_expression", "lambda":
		return reprValue
	case "call":
		return w.callValue(n, hops)
	case "await":
		if n.Children[0].Is("call") {
			return w.functionValue(w.functionOf(n.Children[0]), hops)
		}
	case "attribute":
		return w.attributeOf(n, hops)
	case "identifier":
		return w.nameValue(n, hops)
	}
	return attributeValue{}
}

// arithmetic is a number or text, unless an operand shows otherwise.
func (w *world) arithmetic(n *rewrite.Node, hops int) attributeValue {
	left, right := w.classify(n.Child("left"), hops-1), w.classify(n.Child("right"), hops-1)
	switch {
	case left.class == valueDatetime && right.class == valueDatetime:
		return reprValue // a timedelta
	case n.Child("operator").Text() == "%" && (left.of == "str" || left.class == valueBytes):
		return left
	}
	for _, v := range []attributeValue{left, right} {
		switch {
		case v.class == valueDict:
			return aMapping
		case v.class > valueSame, v.class == valueSame && v.of == "list":
			return attributeValue{class: v.class, of: v.of}
		}
	}
	if left.of == right.of {
		if left.of == "bool" {
			return sameInt
		}
		if n.Child("operator").Text() == "/" && left.of == "int" {
			return sameFloat
		}
		return attributeValue{class: valueSame, of: left.of}
	}
	return sameNumber
}

func (w *world) eitherOperand(n *rewrite.Node, hops int) attributeValue {
	left, right := w.classify(n.Child("left"), hops-1), w.classify(n.Child("right"), hops-1)
	if n.Child("operator").Text() == "or" {
		left.none = false
		if left.class == valueNone {
			return right
		}
	}
	return joinValues(left, right)
}

func (w *world) listValue(n *rewrite.Node, hops int) attributeValue {
	if len(n.Children) == 0 {
		return sameList
	}
	out := sameList
	of := ""
	for i, c := range n.Children {
		v := listOf(w.classify(c, hops-1))
		switch {
		case v.class != valueSame:
			if out.class != valueMixed {
				out = v
			}
		case i > 0 && of != w.classify(c, hops-1).of:
			return mixedList
		}
		of = w.classify(c, hops-1).of
	}
	return out
}

// listOf is a list of such elements.
func listOf(v attributeValue) attributeValue {
	switch {
	case v.none:
		return mixedList
	case v.class == valueUnknown, v.class == valueSame && v.of == "":
		return attributeValue{}
	case v.class == valueSame && v.of != "list" && v.of != "enum":
		return sameList
	}
	return mixedList
}

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

func (w *world) joinAll(list []*rewrite.Node, hops int) attributeValue {
	var out attributeValue
	for i, n := range list {
		v := w.classify(n, hops-1)
		if i == 0 {
			out = v
		} else {
			out = joinValues(out, v)
		}
	}
	return out
}

// nameValue joins what every binding gives a name.
func (w *world) nameValue(n *rewrite.Node, hops int) attributeValue {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if scope == nil {
		return attributeValue{}
	}
	var out attributeValue
	first := true
	for _, b := range bindings {
		if b.Kind == rewrite.Augmented && b.Value != nil {
			continue // keeps the kind of what was there
		}
		v := w.boundValue(b, hops)
		if first {
			out, first = v, false
		} else {
			out = joinValues(out, v)
		}
	}
	return out
}

func (w *world) boundValue(b *rewrite.Binding, hops int) attributeValue {
	if w.visiting[b] {
		return attributeValue{}
	}
	w.visiting[b] = true
	defer delete(w.visiting, b)
	if b.Type != nil {
		return w.annotatedValue(b.Type)
	}
	switch b.Kind {
	case rewrite.Assign:
		if b.Index == nil && b.Value != nil {
			return w.classify(b.Value, hops-1)
		}
	case rewrite.Param:
		return w.passedValue(b, hops)
	case rewrite.For:
		return w.iteratedValue(b)
	case rewrite.Except, rewrite.Def, rewrite.ClassDef:
		return reprValue
	case rewrite.Import:
		if v := w.project.Name(b.Node).Value; v != nil && v != b.Node {
			return w.classify(v, hops-1)
		}
	}
	return attributeValue{}
}

// iteratedValue knows the counters of range() and enumerate().
func (w *world) iteratedValue(b *rewrite.Binding) attributeValue {
	if !b.Value.Is("call") || !w.project.IsBuiltin(b.Value.Child("function")) {
		return attributeValue{}
	}
	switch b.Value.Child("function").Text() {
	case "range":
		if b.Index == nil {
			return sameInt
		}
	case "enumerate":
		if len(b.Index) == 1 && b.Index[0] == 0 {
			return sameInt
		}
	}
	return attributeValue{}
}

// passedValue joins the default of a parameter and what the callers pass, where
// the project shows all callers.
func (w *world) passedValue(b *rewrite.Binding, hops int) attributeValue {
	fn := b.Stmt.Ancestor("function_definition")
	if fn == nil || b.Stmt.Is("list_splat_pattern", "dictionary_splat_pattern") || len(w.callsOf(fn)) == 0 || w.escapes(fn) {
		return attributeValue{}
	}
	var values []*rewrite.Node
	for _, c := range w.callsOf(fn) {
		v := w.argumentFor(c, fn, b)
		if v == nil {
			v = b.Value
		}
		if v == nil {
			return attributeValue{}
		}
		values = append(values, v)
	}
	return w.joinAll(values, hops)
}
