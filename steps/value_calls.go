package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// builtinValues is what calls of builtins give.
var builtinValues = map[string]attributeValue{
	"str": sameText, "repr": sameText, "format": sameText, "ascii": sameText, "chr": sameText, "hex": sameText, "bin": sameText, "oct": sameText, "input": sameText,
	"int": sameInt, "len": sameInt, "ord": sameInt, "hash": sameInt, "id": sameInt,
	"float": sameFloat,
	"bool":  sameBool, "isinstance": sameBool, "issubclass": sameBool, "callable": sameBool, "hasattr": sameBool, "any": sameBool, "all": sameBool,
	"round": sameNumber, "abs": sameNumber,
	"set": aSet, "frozenset": aSet, "dict": aMapping, "vars": aMapping, "bytes": someBytes, "bytearray": someBytes,
	"type": reprValue, "range": reprValue, "object": reprValue, "ValueError": reprValue, "Exception": reprValue, "TypeError": reprValue, "KeyError": reprValue, "RuntimeError": reprValue,
}

// moduleValues is what functions and classes of the standard library, and a
// few others, give.
var moduleValues = map[string]attributeValue{
	"time.time": sameFloat, "time.monotonic": sameFloat, "time.perf_counter": sameFloat, "time.process_time": sameFloat,
	"time.time_ns": sameInt, "time.monotonic_ns": sameInt, "time.perf_counter_ns": sameInt, "time.strftime": sameText,
	"datetime.datetime": aDatetime, "datetime.datetime.now": aDatetime, "datetime.datetime.utcnow": aDatetime, "datetime.datetime.today": aDatetime,
	"datetime.datetime.fromtimestamp": aDatetime, "datetime.datetime.utcfromtimestamp": aDatetime, "datetime.datetime.strptime": aDatetime,
	"datetime.datetime.combine": aDatetime, "datetime.datetime.fromisoformat": aDatetime, "django.utils.timezone.now": aDatetime,
	"datetime.date": reprValue, "datetime.date.today": reprValue, "datetime.time": reprValue, "datetime.timedelta": reprValue, "datetime.timezone": reprValue,
	"uuid.UUID": reprValue, "uuid.uuid1": reprValue, "uuid.uuid3": reprValue, "uuid.uuid4": reprValue, "uuid.uuid5": reprValue,
	"decimal.Decimal": reprValue, "fractions.Fraction": reprValue,
	"pathlib.Path": reprValue, "pathlib.PurePath": reprValue, "pathlib.PosixPath": reprValue, "pathlib.PurePosixPath": reprValue, "pathlib.Path.cwd": reprValue,
	"json.dumps": sameText, "os.path.join": sameText, "os.path.basename": sameText, "os.path.dirname": sameText, "os.path.getsize": sameInt,
	"os.getcwd": sameText, "os.getpid": sameInt, "socket.gethostname": sameText, "platform.node": sameText, "platform.python_version": sameText,
	"random.random": sameFloat, "random.randint": sameInt, "os.urandom": someBytes, "pickle.dumps": someBytes,
	"dataclasses.asdict": aMapping, "collections.Counter": aMapping, "collections.OrderedDict": aMapping, "collections.defaultdict": aMapping,
}

// methodValues is what methods give whose name leaves no doubt.
var methodValues = map[string]attributeValue{
	"isoformat": sameText, "strftime": sameText, "hexdigest": sameText, "decode": sameText, "as_posix": sameText,
	"encode": someBytes, "digest": someBytes,
	"timestamp": sameFloat, "total_seconds": sameFloat,
	"_asdict": aMapping, "model_dump": aMapping, "model_dump_json": sameText,
	"startswith": sameBool, "endswith": sameBool, "isdigit": sameBool, "is_file": sameBool, "exists": sameBool, "is_dir": sameBool,
	"difference": aSet, "intersection": aSet, "symmetric_difference": aSet,
	"keys": reprValue, "values": reprValue, "items": reprValue,
}

// textMethods are methods that text and bytes share and that give their own
// kind.
var textMethods = map[string]bool{"lower": true, "upper": true, "strip": true, "lstrip": true, "rstrip": true, "title": true,
	"casefold": true, "capitalize": true, "replace": true, "join": true, "format": true, "format_map": true, "zfill": true, "removeprefix": true, "removesuffix": true, "copy": true}

func (w *world) callValue(n *rewrite.Node, hops int) attributeValue {
	fn := n.Child("function")
	if fn.Is("identifier") && w.project.IsBuiltin(fn) {
		if fn.Text() == "float" && len(n.Args()) == 1 && isNoNumber(stringValue(n.Args()[0].Value)) {
			return noNumber
		}
		return builtinValues[fn.Text()]
	}
	name := w.called(n)
	if v, ok := moduleValues[name.Dotted]; ok {
		return v
	}
	if strings.HasPrefix(name.Dotted, "os.") && (name.Dotted == "os.getenv" || name.Dotted == "os.environ.get") {
		return sameText // None is another question
	}
	if name.Def.Is("class_definition") {
		return w.instanceValue(name.Def)
	}
	if def := w.functionOf(n); def != nil {
		return w.functionValue(def, hops)
	}
	if !fn.Is("attribute") {
		return attributeValue{}
	}
	method := fn.Child("attribute").Text()
	obj := w.classify(fn.Child("object"), hops-1)
	switch {
	case textMethods[method] && (obj.of == "str" || obj.class == valueBytes || method == "copy"):
		return obj
	case method == "split" && obj.of == "str" || method == "splitlines" && obj.of == "str":
		return sameList
	case method == "date" && obj.class == valueDatetime:
		return reprValue
	case (method == "replace" || method == "astimezone") && obj.class == valueDatetime:
		return obj
	case method == "astimezone":
		return aDatetime
	}
	return methodValues[method]
}

// isNoNumber reports a text of which float() makes NaN or an infinity.
func isNoNumber(text string) bool {
	switch strings.ToLower(strings.TrimLeft(strings.TrimSpace(text), "+-")) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
}

// functionValue is what a function of the project returns.
func (w *world) functionValue(def *rewrite.Node, hops int) attributeValue {
	if def == nil || w.visiting["value of "+def.File.Path+rewrite.Qualname(def)] {
		return attributeValue{}
	}
	if t := def.Child("return_type"); t != nil {
		return w.annotatedValue(t)
	}
	key := "value of " + def.File.Path + rewrite.Qualname(def)
	w.visiting[key] = true
	defer delete(w.visiting, key)
	var returned []*rewrite.Node
	plain := true
	def.Child("body").Walk(func(n *rewrite.Node) bool {
		switch {
		case n.Is("return_statement") && len(n.Children) > 0:
			returned = append(returned, n.Children[0])
		case n.Is("return_statement", "yield"):
			plain = false
		}
		return !n.Is("function_definition", "class_definition", "lambda")
	})
	if !plain {
		return attributeValue{}
	}
	return w.joinAll(returned, hops)
}

// annotatedNames is what a name in an annotation promises.
var annotatedNames = map[string]attributeValue{
	"str": sameText, "int": sameInt, "float": sameNumber, "bool": sameBool, "LiteralString": sameText,
	"bytes": someBytes, "bytearray": someBytes,
	"dict": aMapping, "Dict": aMapping, "Mapping": aMapping, "MutableMapping": aMapping, "OrderedDict": aMapping, "defaultdict": aMapping, "Counter": aMapping,
	"set": aSet, "Set": aSet, "frozenset": aSet, "FrozenSet": aSet, "AbstractSet": aSet,
	"datetime.datetime": aDatetime, "datetime.date": reprValue, "datetime.timedelta": reprValue, "datetime.time": reprValue,
	"uuid.UUID": reprValue, "decimal.Decimal": reprValue, "fractions.Fraction": reprValue, "pathlib.Path": reprValue, "pathlib.PurePath": reprValue,
}

// annotatedValue reads a type annotation.
func (w *world) annotatedValue(t *rewrite.Node) attributeValue {
	for t.Is("type") && len(t.Children) == 1 {
		t = t.Children[0]
	}
	switch t.Kind {
	case "none":
		return attributeValue{class: valueNone}
	case "identifier", "attribute":
		return w.namedType(t)
	case "binary_operator":
		return joinValues(w.annotatedValue(t.Child("left")), w.annotatedValue(t.Child("right")))
	case "generic_type":
		return w.genericType(t)
	case "subscript":
		return w.genericOf(t.Child("value"), t.Fields("subscript"))
	}
	return attributeValue{}
}

func (w *world) namedType(t *rewrite.Node) attributeValue {
	name := w.project.Name(t)
	switch {
	case name.Def.Is("class_definition"):
		return w.instanceValue(name.Def)
	case name.Dotted != "":
		if v, ok := annotatedNames[name.Dotted]; ok {
			return v
		}
		return annotatedNames[strings.TrimPrefix(strings.TrimPrefix(name.Dotted, "typing."), "collections.abc.")]
	case t.Is("identifier") && w.project.IsBuiltin(t):
		return annotatedNames[t.Text()]
	}
	return attributeValue{}
}

func (w *world) genericType(t *rewrite.Node) attributeValue {
	var args []*rewrite.Node
	for _, c := range t.Children[1:] {
		if c.Is("type_parameter") {
			args = append(args, c.Children...)
		}
	}
	return w.genericOf(t.Children[0], args)
}

func (w *world) genericOf(base *rewrite.Node, args []*rewrite.Node) attributeValue {
	name := base.Text()
	name = name[strings.LastIndexByte(name, '.')+1:]
	switch name {
	case "Optional":
		if len(args) == 1 {
			return joinValues(w.annotatedValue(args[0]), attributeValue{class: valueNone})
		}
	case "Union":
		out := w.annotatedValue(args[0])
		for _, a := range args[1:] {
			out = joinValues(out, w.annotatedValue(a))
		}
		return out
	case "Annotated", "Final", "ClassVar", "Required", "NotRequired":
		return w.annotatedValue(args[0])
	case "Literal":
		out := w.classify(args[0], 2)
		for _, a := range args[1:] {
			out = joinValues(out, w.classify(a, 2))
		}
		return out
	case "list", "List", "Sequence", "Iterable", "tuple", "Tuple":
		if len(args) == 1 || len(args) == 2 && args[1].Text() == "..." {
			if name != "Iterable" {
				return listOf(w.annotatedValue(args[0]))
			}
		}
		return attributeValue{}
	}
	return w.namedType(base)
}
