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
		switch {
		case strings.ContainsAny(n.Children[0].Text(), "bB"):
			return someBytes
		case isTemplate(n):
			return reprValue
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
